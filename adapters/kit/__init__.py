"""The kit for those who write adapters: the checks that an adapter must pass, and walks that share none of its code.

It is pure like the adapters, and ships with the gateway. An adapter's whole core test:

    @pytest.mark.parametrize("check", CHECKS)
    def test_it_is_an_adapter(check: Check) -> None:
        check(ADAPTER, Sample(name="note", payload=NOTE))

Source: docs/writing-an-adapter.md.
"""

from adapters.kit.accounting import Accounts, accounted, missing, texts_of
from adapters.kit.checks import AT, CHECKS, Check, receipt
from adapters.kit.sample import Failed, Sample

__all__ = ["AT", "CHECKS", "Accounts", "Check", "Failed", "Sample", "accounted", "missing", "receipt", "texts_of"]
