"""Which hosts a run may reach: the interpreter's capability, and the script's own `egress_policy`.

Rules: docs/builtins.md#http-mocks. Both are asked for every hop of a request, by the name of the host and
again by the addresses that it stands for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from harnlet.errors.faults import CategorisedFault, RuntimeFault, Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.permission import SystemContext, require
from harnlet_builtins.url_hosts import UrlError, host_text
from harnlet_builtins.url_parser import Url, parse_url

_Address: TypeAlias = IPv4Address | IPv6Address
_NAT64: Final = IPv6Network("64:ff9b::/96")
_NARROWED: Final = "network:"
_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes; the host is in normal form, an IPv6 address without its brackets."""

    host: str
    port: int
    url: str


def target_of(url: Url) -> Target:
    """The target of a URL of http, https, ws or wss."""
    host = (url.host or "").strip("[]").removesuffix(".")
    shown = Url(url.scheme, "", None, url.host, url.port, url.path, url.query, None).text()
    return Target(host, url.port or _PORTS[url.scheme], shown)


# --- rules --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """A host, `*.suffix` (not the suffix itself), `*`, an address or a network; perhaps one port only."""

    text: str
    host: str | None
    network: IPv4Network | IPv6Network | None
    port: int | None

    def names(self, host: str, port: int) -> bool:
        """Whether this is a rule for a host as a URL has it."""
        if self.port not in (None, port):
            return False
        if self.host is not None:
            if self.host.startswith("*"):
                return self.host == "*" or host.endswith(self.host[1:])
            return host == self.host
        address = address_of(host)
        return address is not None and self._holds(_plain(address))

    def reaches(self, address: _Address, port: int) -> bool:
        """Whether the rule is one of addresses, and for this one in any of its forms."""
        return self.port in (None, port) and any(self._holds(form) for form in _forms(address))

    def _holds(self, address: _Address) -> bool:
        return (
            self.network is not None and address.version == self.network.version and address in self.network
        )


def address_of(host: str) -> _Address | None:
    """The address that a host is, None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _plain(address: _Address) -> _Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _forms(address: _Address) -> list[_Address]:
    """An address and the others that lead to the same place."""
    plain = _plain(address)
    forms = [address, plain]
    if isinstance(plain, IPv6Address):
        if plain.sixtofour is not None:
            forms.append(plain.sixtofour)
        if plain in _NAT64:
            forms.append(IPv4Address(int(plain) & 0xFFFF_FFFF))
    if plain.is_unspecified:
        # What a system connects to then is itself.
        forms += [IPv4Address("127.0.0.1"), IPv6Address("::1")]
    return forms


@lru_cache(maxsize=256)
def parse_rule(text: str) -> Rule:
    """The rule that a text is. Raises ValueError."""
    host, port = text.strip().lower(), None
    match = re.fullmatch(r"(\[[^\]]*\](?:/[0-9]+)?|[^:]*):([0-9]{1,5})", host)
    if match is not None:
        host, port = match[1], int(match[2])
        if port > 65_535:
            raise ValueError("invalid port")
    bare = re.sub(r"[\[\]]", "", host)
    try:
        network = ip_network(bare, strict=False)
    except ValueError:
        network = None
    if network is not None:
        if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
            length = network.prefixlen - 96
            if length >= 0:
                network = IPv4Network((network.network_address.ipv4_mapped, length), strict=False)
        return Rule(text, None, network, port)
    if host == "*":
        return Rule(text, "*", None, port)
    prefix = "*." if host.startswith("*.") else ""
    try:
        name = host_text(host.removeprefix(prefix), True).removesuffix(".")
    except UrlError as error:
        raise ValueError(str(error)) from None
    if "*" in name:
        raise ValueError("`*` can only stand first, before a dot")
    return Rule(text, prefix + name, None, port)


# --- the script's policy ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Policy:
    allow: tuple[Rule, ...] = ()
    deny: tuple[Rule, ...] = ()
    by_default: bool = True


class _Policies:
    """The policy of a run, None as long as there is none."""

    def __init__(self) -> None:
        self.policy: _Policy | None = None
        self.version = 0


@builtin("egress_policy(config)", section="23.2", context=True)
def egress_policy(rt: Context, config: object = None) -> None:
    """Says which hosts requests may reach, mocked ones too: `{allow, deny, default}`, lists of `host`,
    `*.suffix`, an address or a network, each perhaps with `:port`. Denying wins; the default is "allow", or
    "deny" when something is allowed. nil takes the policy back."""
    policies = rt.state(_Policies)
    if config is None:
        policies.policy = None
        policies.version += 1
        return
    if type(config) is not dict:
        raise RuntimeFault(f"egress_policy: config must be a dict, got {type_name(config)}")
    allow, deny = _rules(config, "allow"), _rules(config, "deny")
    default = config.get("default")
    if default is None:
        default = "deny" if allow else "allow"
    if default not in ("allow", "deny"):
        raise RuntimeFault(f"egress_policy: default must be allow or deny, got {display(default)}")
    policies.policy = _Policy(allow, deny, default == "allow")
    policies.version += 1


def policy_version(rt: Context) -> int:
    """A number that is another one whenever the policy has changed."""
    return rt.state(_Policies).version


def _rules(config: dict[str, object], key: str) -> tuple[Rule, ...]:
    given = config.get(key)
    if given is None:
        return ()
    found: list[Rule] = []
    for each in given if type(given) is list else [given]:
        try:
            found.append(parse_rule(display(each)))
        except ValueError as error:
            raise RuntimeFault(f"egress_policy: invalid rule '{display(each)}': {error}") from None
    return tuple(found)


def check_policy(rt: Context, target: Target) -> None:
    """Raises Thrown `EgressBlocked` when the script's policy is against the target."""
    policy = rt.state(_Policies).policy
    if policy is None:
        return
    address = address_of(target.host)
    for rule in policy.deny:
        if rule.names(target.host, target.port) or (
            address is not None and rule.reaches(address, target.port)
        ):
            raise _blocked(target, f"denied by rule {rule.text}")
    if policy.by_default or any(rule.names(target.host, target.port) for rule in policy.allow):
        return
    raise _blocked(target, "not allowed by any rule")


def _blocked(target: Target, reason: str) -> Thrown:
    return Thrown(
        {
            "type": "EgressBlocked",
            "category": "egress_blocked",
            "host": target.host,
            "port": target.port,
            "reason": reason,
            "url": target.url,
        }
    )


# --- reaching ----------------------------------------------------------------------------------------


def check_reach(rt: SystemContext, name: str, target: Target) -> None:
    """Ask the capability and the policy before the builtin `name` opens a connection to the target.
    Raises CategorisedFault `permission_denied`, or Thrown `EgressBlocked`."""
    check_policy(rt, target)
    if "network" in rt.capabilities:
        return
    narrowed = [each for each in rt.capabilities if each.startswith(_NARROWED)]
    if not narrowed:
        require(rt, name, "network")
    if not any(_rule_names(each.removeprefix(_NARROWED), target) for each in narrowed):
        raise CategorisedFault(
            "permission_denied",
            f"{name} may not reach {target.host}:{target.port}: the capability network is narrowed",
        )


def _rule_names(text: str, target: Target) -> bool:
    try:
        return parse_rule(text).names(target.host, target.port)
    except ValueError:
        return False


def check_addresses(rt: Context, target: Target, addresses: Iterable[str]) -> None:
    """Raises Thrown `EgressBlocked` when the policy denies one of the addresses that the host of the
    target stands for."""
    policy = rt.state(_Policies).policy
    for text in addresses if policy is not None else ():
        address = address_of(text.partition("%")[0])
        for rule in policy.deny if policy is not None and address is not None else ():
            if address is not None and rule.reaches(address, target.port):
                raise _blocked(target, f"denied by rule {rule.text}")


def parsed_url(text: str, schemes: tuple[str, ...] = ("http", "https")) -> Url:
    """The URL of a request. Raises Thrown for another scheme and for what is no URL."""
    expected = " or ".join(f"{scheme}://" for scheme in schemes)
    kind = "websocket" if "ws" in schemes else "http"
    if not text.lower().startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise Thrown(f"{kind}: URL must start with {expected}, got '{text}'")
    try:
        return _parsed(text)
    except UrlError as error:
        raise Thrown(f"{kind}: invalid URL '{text}': {error}") from None


@lru_cache(maxsize=256)
def _parsed(text: str) -> Url:
    # A request asks for its URL several times, and a script for the same one again.
    return parse_url(text)
