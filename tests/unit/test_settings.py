"""Settings are read once, and a wrong one is named."""

import msgspec
import pytest

from shared.settings import BadSettings, read_settings


class Settings(msgspec.Struct, frozen=True):
    url: str
    port: int = 80
    proxies: tuple[str, ...] = ()


def test_settings_come_from_the_environment() -> None:
    settings = read_settings(Settings, "X_", {"X_URL": "u", "X_PORT": "8080", "X_PROXIES": "10.0.0.0/8, ::1", "Y_PORT": "1"})
    assert settings == Settings("u", 8080, ("10.0.0.0/8", "::1"))


def test_every_mistake_is_named() -> None:
    with pytest.raises(BadSettings) as mistakes:
        read_settings(Settings, "X_", {"X_PRT": "1", "X_PORT": "many"})
    lines = str(mistakes.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["X_PRT", "X_PORT", "X_URL"]
