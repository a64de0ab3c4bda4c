"""The page of costs says what counts, templates and price lists give now."""

from bench import costs


def test_the_page_has_the_table_of_now() -> None:
    text = costs.PAGE.read_text(encoding="utf-8")
    assert costs.page(text) == text, "python -m bench.costs writes it"
    assert text.count(costs.BEGIN) == 1 and costs.READ_ON in text


def test_the_prices_are_those_that_the_page_names() -> None:
    text = costs.PAGE.read_text(encoding="utf-8")
    for words in (
        f"${costs.TRANSITION * 1000:g} for 1,000 transitions",
        f"${costs.REQUEST * 1_000_000:.2f} for a million requests",
        f"${costs.ALARM:.2f} for an alarm",
        f"${costs.LOG_GB:.2f} for a GB of logs",
        f"${costs.TRACE * 1_000_000:g} for a million traces",
        f"${costs.SECRET:.2f} for a secret",
        f"${costs.COST_EXPLORER_REQUEST:.2f} for a request",
    ):
        assert words in text
    assert f"${costs.GB_SECOND_ARM}" in text or f"{costs.GB_SECOND_ARM:.10f}" in text


def test_a_vend_is_worth_its_transitions() -> None:
    nothing = costs.Work(0, 0, 0)
    assert nothing.price == 0
    assert costs.Work(1000, 0, 0).price > 0.025
    assert costs.standing("AWS::CloudWatch::Alarm") > 5


def test_counts_that_a_vend_no_longer_has_are_told() -> None:
    zone, work = next(iter(costs.counted().items()))
    assert costs.differences(zone, work.transitions, work.invocations, work.calls) == {}
    assert set(costs.differences(zone, 2 * work.transitions, work.invocations, 0)) == {"transitions", "calls"}
