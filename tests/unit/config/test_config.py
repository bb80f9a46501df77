"""Settings: precedence, refusals, the engine's configuration."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from apigw import config
from apigw.config.values import SettingError, address, seconds, size
from apigw.machine import memory


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    settings = config.load({}, {})
    assert settings.listen == ["127.0.0.1:8080"]
    assert settings.admin_listen == ["127.0.0.1:9080"]
    assert settings.account_id == "123456789012"
    assert settings.max_management_body == 67_108_864
    assert settings.deny_backends == ["169.254.0.0/16", "fe80::/10"]
    assert settings.idle_timeout == 310
    assert settings.access_log == {"to": "stdout"}


def test_a_flag_beats_a_variable_beats_the_file_beats_the_default(tmp_path: Path) -> None:
    (tmp_path / "apigw.toml").write_text('workers = 2\nstage = "file"\nregion = "eu-west-1"\n')
    environment = {"APIGW_WORKERS": "3", "APIGW_STAGE": "variable"}
    settings = config.load({"workers": 4, "data_dir": None}, environment)
    assert (settings.workers, settings.stage, settings.region, settings.data_dir) == (
        4,
        "variable",
        "eu-west-1",
        Path("apigw-data"),
    )


def test_a_named_file_is_read_and_must_be_there(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('listen = ["127.0.0.1:1", "[::1]:2"]\n')
    assert config.load({}, {}, other).listen == ["127.0.0.1:1", "[::1]:2"]
    assert config.load({}, {"APIGW_CONFIG": str(other)}).listen == ["127.0.0.1:1", "[::1]:2"]
    with pytest.raises(SettingError, match=r"nowhere\.toml: No such file"):
        config.load({}, {}, tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lisen = 1", "apigw.toml: unknown setting 'lisen'; did you mean 'listen'?"),
        ("workers = -1", "apigw.toml: workers: a whole number is needed, not -1"),
        ("workers = 1025", "workers must be at most 1024"),
        ("max_connections = 0", "max_connections must be at least 1"),
        ("max_queued_calls = 0", "max_queued_calls must be at least 1"),
        ("workers = true", "apigw.toml: workers: a whole number is needed, not True"),
        ("plain_http = 2", "apigw.toml: plain_http: true or false is needed, not 2"),
        ("account_id = 123456789012", "account_id: an account is twelve digits in quotes, not 123456789012"),
        ('max_request_headers = "5 GiB"', "'5 GiB' is larger than 4294967295 bytes"),
        ('deny_backends = ["10.0.0.1/8"]', "10.0.0.1/8 has host bits set"),
        ('idle_timeout = "100 ms"', "idle_timeout must be at least one second"),
        ('defer_accept = "400 ms"', "defer_accept must be whole seconds, at most 60"),
        ('defer_accept = "2 min"', "defer_accept must be whole seconds, at most 60"),
        ("listen = []", "listen and admin_listen need at least one address each"),
        ('listen_tls = "127.0.0.1:8080"', "127.0.0.1:8080 cannot serve both HTTPS (listen_tls) and plain HTTP"),
        ('tls_key = "k.pem"', "tls_certificate and tls_key must be given together"),
        ("listen =", "apigw.toml: Invalid value"),
        ("[limits]", "apigw.toml: unknown setting 'limits'"),
        ("[account]\nconcurency = 1", "unknown setting 'account.concurency'; did you mean 'account.concurrency'?"),
        ("[account]\nrate_limit = -1", "account.rate_limit: a number or off is needed, not -1"),
        ("[account]\nrate_limit = true", "account.rate_limit: a number or off is needed, not True"),
        ("account = 1", "unknown setting 'account'"),
        ('quotas = "azure"', "quotas: off or aws is needed, not 'azure'"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "apigw.toml").write_text(text)
    with pytest.raises(SettingError) as refused:
        config.load({}, {})
    assert message in str(refused.value)


def test_an_unknown_variable_is_refused_but_not_those_of_kubernetes() -> None:
    with pytest.raises(SettingError, match="unknown variable APIGW_LISEN; did you mean 'APIGW_LISTEN'"):
        config.load({}, {"APIGW_LISEN": "1"})
    settings = config.load(
        {},
        {
            "APIGW_SERVICE_HOST": "10.0.0.1",
            "APIGW_SERVICE_PORT_HTTP": "80",
            "APIGW_PORT": "tcp://10.0.0.1:80",
            "APIGW_PORT_80_TCP": "tcp://10.0.0.1:80",
            "APIGW_ACCESS_KEY_ID": "key",
            "APIGW_WORKERS": "",
        },
    )
    assert settings.workers == 0


def test_plain_http_beyond_loopback_must_be_asked_for() -> None:
    with pytest.raises(
        SettingError, match=r"0\.0\.0\.0:80 would serve plain HTTP beyond this machine; say --plain-http"
    ):
        config.load({"listen": ("0.0.0.0:80",)}, {})
    with pytest.raises(SettingError, match=r"10\.0\.0\.1:80 would serve plain HTTP"):
        config.load({"admin_listen": ("10.0.0.1:80",)}, {})
    assert config.load({"listen": ("0.0.0.0:80",), "plain_http": True}, {}).listen == ["0.0.0.0:80"]
    assert config.load({"listen": ("127.0.0.9:80", "[::1]:80")}, {}).plain_http is False


def test_https_beyond_loopback_needs_no_leave() -> None:
    assert config.load({"listen_tls": ("0.0.0.0:443",)}, {}).listen_tls == ["0.0.0.0:443"]
    with pytest.raises(SettingError, match=r"any_credentials is refused because 0\.0\.0\.0:443"):
        config.load({"listen_tls": ("0.0.0.0:443",), "any_credentials": True}, {})


def test_https_can_be_off(tmp_path: Path) -> None:
    assert config.load({}, {}).listen_tls == ["127.0.0.1:8443"]
    assert config.load({"listen_tls": ("off",)}, {}).listen_tls == []
    assert config.load({}, {"APIGW_LISTEN_TLS": "off"}).listen_tls == []
    for text in ("[]", '"off"', "false"):
        (tmp_path / "apigw.toml").write_text(f"listen_tls = {text}")
        assert config.load({}, {}).listen_tls == []


def limited(tmp_path: Path, text: str) -> config.AccountLimits:
    (tmp_path / "apigw.toml").write_text(text)
    return config.account_limits(config.load({}, {}))


def test_account_limits(tmp_path: Path) -> None:
    of = config.ThrottleLimit
    assert limited(tmp_path, "") == config.AccountLimits(throttle=None, regions=[], concurrency=None)
    aws = limited(tmp_path, 'quotas = "aws"')
    assert (aws.throttle, aws.concurrency) == (of(rate_limit=10000.0, burst_limit=5000), 5000)
    assert {one.region: one.throttle for one in aws.regions}["eu-south-1"] == of(rate_limit=2500.0, burst_limit=1250)
    own = limited(tmp_path, 'quotas = "aws"\n[account]\nrate_limit = 7.5\nconcurrency = 3')
    assert own == config.AccountLimits(throttle=of(rate_limit=7.5, burst_limit=5000), regions=[], concurrency=3)
    assert limited(tmp_path, "account.burst_limit = 9").throttle == of(rate_limit=10000.0, burst_limit=9)
    assert limited(tmp_path, 'account.concurrency = "off"').concurrency is None


def test_the_cache_may_take_a_quarter_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "usable", lambda: 8 * 1024**3)
    assert config.cache_memory(config.load({}, {})) == 2 * 1024**3
    (tmp_path / "apigw.toml").write_text('[cache]\nmemory = "64 MiB"\nstatuses = "2xx"')
    settings = config.load({}, {})
    assert (config.cache_memory(settings), settings.cache_statuses) == (64 * 1024**2, "2xx")
    with pytest.raises(SettingError, match=r"cache\.memory must be at least 4 MiB"):
        config.load({}, {"APIGW_CACHE_MEMORY": "1 MiB"})


def test_a_name_with_a_dot_is_a_variable_with_an_underscore() -> None:
    assert config.load({}, {"APIGW_ACCOUNT_CONCURRENCY": "12"}).account_concurrency == 12
    settings = config.load_for_python({}, None, {"account_rate_limit": 1.5, "quotas": "aws"})
    assert (settings.account_rate_limit, settings.quotas) == (1.5, "aws")
    with pytest.raises(SettingError, match=r"unknown setting 'account\.concurrency'"):
        config.load_for_python({}, None, {"account.concurrency": 1})


def test_any_credentials_stays_on_loopback() -> None:
    assert config.load({"any_credentials": True}, {}).any_credentials
    with pytest.raises(SettingError, match=r"any_credentials is refused because 0\.0\.0\.0:80 is not a loopback"):
        config.load({"any_credentials": True, "listen": ("0.0.0.0:80",), "plain_http": True}, {})


def test_the_engine_gets_every_member() -> None:
    settings = config.load({"access_log": "/var/log/x", "ca_file": "/ca.pem"}, {})
    sent = msgspec.json.decode(
        config.engine_config(settings, "key", "secret", (Path("/data/tls.crt"), Path("/data/tls.key")))
    )
    assert sent == {
        "listen": ["127.0.0.1:8080"],
        "listen_tls": ["127.0.0.1:8443"],
        "tls_certificate": "/data/tls.crt",
        "tls_key": "/data/tls.key",
        "admin_listen": ["127.0.0.1:9080"],
        "defer_accept_seconds": 1,
        "workers": 0,
        "account_id": "123456789012",
        "access_key_id": "key",
        "secret_access_key": "secret",
        "any_credentials": False,
        "regions": [],
        "access_log": {"to": "file", "path": "/var/log/x"},
        "stage_logs": {"to": "directory", "path": str(Path("apigw-data/logs").absolute())},
        "account": {"throttle": None, "regions": [], "concurrency": None},
        "cache": {"memory": config.cache_memory(settings), "successes_only": False},
        "deny_backends": ["169.254.0.0/16", "fe80::/10"],
        "ca_file": "/ca.pem",
        "limits": {
            "request_headers": 10240,
            "request_target": 10240,
            "request_payload": 10485760,
            "response_payload": 10485760,
            "management_body": 67108864,
            "connections": 15000,
            "buffered_bytes": 268435456,
            "queued_calls": 1024,
            "head_seconds": 10,
            "idle_seconds": 310,
            "minimum_body_rate": 100,
        },
    }


def test_a_configuration_never_shows_its_secret() -> None:
    decoded = msgspec.json.decode(
        config.engine_config(config.load({}, {}), "key", "sesame", None), type=config.EngineConfig
    )
    assert "sesame" not in repr(decoded)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("8080", "127.0.0.1:8080"),
        ("localhost:0", "127.0.0.1:0"),
        ("[::1]:8080", "[::1]:8080"),
        ("0.0.0.0:65535", "0.0.0.0:65535"),
    ],
)
def test_addresses(given: str, read: str) -> None:
    assert address(given) == read


@pytest.mark.parametrize("given", ["", ":80", "host:80", "127.0.0.1", "127.0.0.1:65536", "::1:80", "127.0.0.1:-1"])
def test_wrong_addresses(given: str) -> None:
    with pytest.raises(SettingError, match="an address such as"):
        address(given)


@pytest.mark.parametrize(
    ("given", "read"), [(5, 5), ("64 KiB", 65536), ("10MB", 10**7), ("1.5 GiB", 1610612736), ("7 b", 7)]
)
def test_sizes(given: object, read: int) -> None:
    assert size(given) == read


@pytest.mark.parametrize("given", ["", "-1", "1.5", "10 parsecs", True, "1e3", None])
def test_wrong_sizes(given: object) -> None:
    with pytest.raises(SettingError):
        size(given)


@pytest.mark.parametrize(("given", "read"), [(5, 5.0), ("500 ms", 0.5), ("2min", 120.0), ("1h", 3600.0), (0.5, 0.5)])
def test_times(given: object, read: float) -> None:
    assert seconds(given) == read


@pytest.mark.parametrize(
    ("given", "here", "smaller"),
    [
        ("", None, None),
        ('quotas = "aws"', (10000.0, 5000), (2500.0, 1250)),
        ('quotas = "aws"\n[account]\nrate_limit = 7.5', (7.5, 5000), (7.5, 5000)),
        ("[account]\nburst_limit = 3", (10000.0, 3), (10000.0, 3)),
        ("[account]\nconcurrency = 3", None, None),
    ],
)
def test_the_throttle_of_an_account_in_a_region(
    tmp_path: Path, given: str, here: tuple[float, int] | None, smaller: tuple[float, int] | None
) -> None:
    file = tmp_path / "apigw.toml"
    file.write_text(given)
    settings = config.load({}, {}, config=file)
    for region, expected in (("us-east-1", here), ("eu-south-1", smaller)):
        throttle = config.account_throttle(settings, region)
        assert (throttle and (throttle.rate_limit, throttle.burst_limit)) == expected
