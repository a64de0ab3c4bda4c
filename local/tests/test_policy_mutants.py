"""Every denial and every condition of the templates has a test that is named for it, and what is taken out is gone."""

import re
from collections import Counter

from local_aws.paths import REPOSITORY
from policy_mutants import killers, mutants


def test_every_denial_and_condition_has_a_test_or_a_reason():
    assert killers.problems(mutants.of(REPOSITORY), killers.read()) == []


def test_every_test_that_is_named_exists():
    for killer in killers.read():
        if killer.test and ".py" in killer.test:
            path, _, name = killer.test.partition("::")
            text = (REPOSITORY / "tests" / "end_to_end" / path).read_text(encoding="utf-8")
            assert not name or re.search(rf"^def {re.escape(name.split('[')[0])}\(", text, re.MULTILINE), killer.test
        elif killer.test:
            module, name = killer.test.split("::")
            text = (REPOSITORY / "tests" / "tests" / f"{module}.rs").read_text(encoding="utf-8")
            assert f"fn {name}(" in text, killer.test


def test_a_mutant_lacks_one_denial_or_condition_and_nothing_else():
    for path in mutants.templates(REPOSITORY):
        template = mutants.read(REPOSITORY / path)
        whole = list(mutants.of_template(path, template))
        for mutant in whole:
            rest = Counter(ending(one) for one in mutants.of_template(path, mutants.removed(template, mutant)))
            gone = Counter(map(ending, whole)) - rest
            assert gone[ending(mutant)] == 1, mutant.name
            assert gone.total() == 1 or mutant.name.endswith(" denial"), (mutant.name, gone)


def ending(mutant):
    """What it lacks: the places of statements without a Sid change when one of them goes."""
    return mutant.name.partition(" ")[2].split()[0], mutant.name.rsplit(" ", 2)[-1]
