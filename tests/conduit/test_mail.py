"""How mails are sent is said by one address; what can't be meant is refused without quoting its password."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection

from conduit import environment, mail
from conduit.management.commands import serve

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (
            "smtp://me%40x.example:pa%2Fss@mail.example:587?tls=1",
            {
                "host": "mail.example",
                "port": 587,
                "user": "me@x.example",
                "password": "pa/ss",
                "starttls": True,
            },
        ),
        ("smtps://mail.example", {"host": "mail.example", "port": 465, "tls": True}),
        ("smtp://localhost", {"host": "localhost", "port": 25}),
        ("smtp://[::1]:1025?tls=0", {"host": "::1", "port": 1025}),
    ],
)
def test_a_server_is_named_by_its_address(url, meant):
    assert mail.from_url(url) == mail.Mail(SMTP, **meant)


def test_mails_may_be_printed_kept_in_a_folder_or_not_be_sent():
    assert mail.from_url("console:").backend.endswith("console.EmailBackend")
    assert mail.from_url("none:").backend.endswith("dummy.EmailBackend")
    kept = mail.from_url("file:///var/mail%20box")
    assert (kept.backend.endswith("filebased.EmailBackend"), kept.folder) == (True, "/var/mail box")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://me:hunter2@mail.example",
        "smtp://me:hunter2@",
        "smtp://me:hunter2@mail.example:port",
        "smtp://me:hunter2@mail.example?tsl=1",
        "smtp://me:hunter2@mail.example?tls=maybe",
        "smtp://me:hunter2@[::1",
    ],
)
def test_what_makes_no_sense_is_refused_without_quoting_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="it looks like smtp://") as refused:
        mail.from_url(url)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_site_for_this_machine_prints_its_mails_and_any_other_sends_none_unless_it_is_told_how():
    backends = {
        at_home: mail.from_environment(at_home=at_home, environ={}).backend.split(".")[-2]
        for at_home in (True, False)
    }
    assert backends == {True: "console", False: "dummy"}
    assert mail.from_environment(at_home=False, environ={"EMAIL_URL": "smtp://x"}).backend == SMTP


def test_whatever_a_server_does_a_step_takes_ten_seconds_at_most(settings):
    settings.EMAIL_BACKEND = SMTP
    assert get_connection().timeout == 10


@pytest.mark.parametrize(
    ("said", "origins", "hosts", "address"),
    [
        (
            "https://www.conduit.example",
            ["https://conduit.example"],
            ["conduit.example"],
            "https://www.conduit.example",
        ),
        ("", ["https://conduit.example", "https://other.example"], ["x.example"], "https://conduit.example"),
        ("", [], ["conduit.example", "localhost"], "https://conduit.example"),
        ("", [], [".conduit.example"], "https://conduit.example"),
        ("", [], environment.LOCAL_HOSTS, "http://localhost:8000"),
        ("", [], ["*"], "http://localhost:8000"),
    ],
)
def test_where_the_site_is_found_is_said_or_follows_from_what_is(said, origins, hosts, address):
    assert environment.site_address(origins, hosts, {"SITE_ADDRESS": said}) == address


def test_a_site_address_is_an_origin():
    with pytest.raises(ImproperlyConfigured, match="SITE_ADDRESS has"):
        environment.site_address([], [], {"SITE_ADDRESS": "https://conduit.example/blog"})


def test_mails_come_from_the_site_or_from_whom_is_said():
    assert environment.sender("FROM", "https://conduit.example", {}) == "Conduit <conduit@conduit.example>"
    assert environment.sender("FROM", "https://conduit.example", {"FROM": "a@b.example"}) == "a@b.example"


def test_a_site_at_home_is_found_on_its_own_port_and_any_other_where_it_says(settings):
    settings.SITE_ADDRESS = environment.HOME
    serve.at_home("127.0.0.1", 8123)
    assert settings.SITE_ADDRESS == "http://localhost:8123"
    settings.SITE_ADDRESS = "https://conduit.example"
    serve.at_home("0.0.0.0", 8123)
    assert settings.SITE_ADDRESS == "https://conduit.example"


def test_a_site_without_mail_is_told_of_before_it_is_deployed(settings):
    def told():
        found = run_checks(tags=["security"], include_deployment_checks=True)
        return [message.hint for message in found if message.id == "accounts.W001"]

    assert told() == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert told() == ["Set EMAIL_URL, such as smtp://user:password@host:587?tls=1."]
