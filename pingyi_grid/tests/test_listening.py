import socket

import pytest

from pingyi_grid.listening import Address, CannotStart, allowed_hosts, check_is_free, read_address


def test_without_a_word_it_listens_on_this_machine_alone():
    address = read_address({})
    assert address == Address("127.0.0.1", 8000)
    assert address.url == "http://127.0.0.1:8000/"
    assert not address.is_open


def test_host_and_port_come_from_the_environment():
    assert read_address({"HOST": "[::1]", "PORT": "9000"}).url == "http://[::1]:9000/"


def test_an_open_address_is_named_as_a_browser_on_this_machine_would():
    address = read_address({"HOST": "0.0.0.0", "PORT": "80"})
    assert address.is_open
    assert address.url == "http://127.0.0.1:80/"


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８０x"])
def test_a_port_that_is_none_is_refused_by_name(port):
    with pytest.raises(CannotStart, match=f"PORT='{port}' 无效，应为 1 到 65535 的整数"):
        read_address({"PORT": port})


def test_a_taken_port_is_refused_with_another_to_try():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"127.0.0.1:{port} 不可用.*PORT={port + 1} bin/run"):
            check_is_free(Address("127.0.0.1", port))


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(CannotStart, match=r"HOST='192.0.2.1' 不是本机的地址"):
        check_is_free(Address("192.0.2.1", 8000))


def test_a_free_port_is_taken_as_it_is():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert check_is_free(Address("127.0.0.1", port)) is None


def test_only_an_open_address_may_be_asked_for_by_the_names_of_the_machine():
    local = ["127.0.0.1", "localhost", "[::1]"]
    assert allowed_hosts(Address("127.0.0.1", 8000)) == local
    opened = allowed_hosts(Address("0.0.0.0", 8000))
    assert opened[:3] == local
    assert socket.gethostname() in opened
