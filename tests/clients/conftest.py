"""What the tests with other people's clients share: `make test-clients` installs those and runs these."""

from collections.abc import Iterator

import pytest

from tests.served import Service, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield a running service as `make run` has it: on a loopback address, without keys."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BELOWLINE_AKISMET", "1")
        environment.setenv("BELOWLINE_CORAL_SECRETS", "empsec_old,empsec_new")
        with running(tmp_path_factory.mktemp("service"), "serve", bundle="fast") as service:
            yield service
