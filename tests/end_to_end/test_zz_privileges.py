"""The proof of least privilege over all that the other tests made the AVM do: see `local/privileges`.

Its name puts it last; of a part of the tests it says nothing.
"""

import pytest
from privileges.proof import prove
from privileges.record import Record, provoked

pytestmark = pytest.mark.usefixtures("everything_else")


def test_every_grant_was_needed_and_no_call_lacked_one(request, local_aws, audit_folder):
    run = Record(audit_folder, local_aws.holders(), provoked(audit_folder))
    run.write()

    proof = prove(run)

    assert len(proof.granted) > 300
    assert proof.complaints() == [], f"{request.session.testsfailed} tests have failed before; their calls may be missing"
