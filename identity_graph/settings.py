"""Settings: one frozen object, read from ``IDENTITY_GRAPH_*`` once and passed on."""

import json
import re
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from identity_graph.errors import SettingsError

_PREFIX = "IDENTITY_GRAPH_"
_ORIGIN = re.compile(r"https?://[^\s/?#@,*]+")


_SECRET = frozenset({"wechat_accounts", "wecom_accounts"})
"""Settings of which no error shows what they hold."""

_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


def _check_aes_key(key: SecretStr) -> SecretStr:
    if _AES_KEY.fullmatch(key.get_secret_value()) is None:
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return key


SigningAlgorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Algorithms whose keys can be published: with others, whoever knows the public key could sign."""

AesKey = Annotated[SecretStr, AfterValidator(_check_aes_key)]


class WechatAccount(BaseModel):
    """A WeChat official account that pushes to this service."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    app_id: str = Field(min_length=1)
    token: SecretStr = Field(min_length=1)
    aes_key: AesKey | None = None


class WecomAccount(BaseModel):
    """A company in WeCom that pushes to this service."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    corp_id: str = Field(min_length=1)
    token: SecretStr = Field(min_length=1)
    aes_key: AesKey


class Settings(BaseSettings):
    """Everything that can be set; a keyword argument outranks the environment."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address that the service listens on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port that the service listens on; 0 means any free port."
    )
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("identity-graph"),
        description="Folder for the embedded Neo4j and its password, and for the spool.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("identity-graph"),
        description="Folder for the jars of the embedded Neo4j.",
    )
    rules: Path | None = Field(
        default=None,
        description="Rules: a file, or the name of a preset. Without it, those that the graph was resolved under, "
        "or else `default`.",
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins of web pages that may use GraphQL from a browser, such as `https://crm.example.com`. The "
        "service's own pages need none, and the collector accepts events from any origin.",
    )

    graphql_introspection: bool = Field(
        default=True, description="Let clients ask GraphQL for its schema, as GraphiQL does."
    )
    graphql_suggestions: bool = Field(
        default=True, description="Let errors of GraphQL suggest names that are similar to an unknown one."
    )
    graphiql: bool = Field(default=True, description="Show GraphiQL to browsers that open `/graphql`.")
    graphql_seconds: float = Field(
        default=30,
        ge=0.1,
        le=3600,
        description="Seconds after which a GraphQL query is ended, in Neo4j, too. Previews, statistics and analysis have ten times as long.",
    )

    neo4j_uri: str | None = Field(
        default=None, description="Bolt URI of your own Neo4j; without it the embedded server is used."
    )
    neo4j_user: str = Field(default="neo4j", description="User name for Neo4j.")
    neo4j_password: SecretStr | None = Field(
        default=None, description="Password for Neo4j; the embedded server creates its own."
    )
    neo4j_ca: Path | None = Field(
        default=None,
        description="File with the certificate (PEM) of the authority that signed that of your Neo4j, when the system does not know "
        "it. The connection is then encrypted and checked; the URI begins with `bolt+s://` or `neo4j+s://`.",
    )
    neo4j_database: str = Field(default="neo4j", description="Name of the database.")
    neo4j_heap: str = Field(default="1g", pattern=r"^\d+[mg]$", description="Heap of the embedded Neo4j.")
    neo4j_page_cache: str = Field(default="512m", pattern=r"^\d+[mg]$", description="Page cache of the embedded Neo4j.")
    neo4j_bolt_port: int = Field(
        default=0, ge=0, le=65535, description="Bolt port of the embedded Neo4j; 0 means 7687, or any free port."
    )
    neo4j_http_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="HTTP (Browser) port of the embedded Neo4j; 0 means 7474, or any free port.",
    )

    admin_key: SecretStr | None = Field(default=None, description="Key for GraphQL; valid from the start.")
    write_key: SecretStr | None = Field(
        default=None, description="Write key of the source `default`; valid from the start."
    )

    oidc_issuer: str | None = Field(
        default=None,
        description="Issuer of tokens of an OpenID Connect provider, exactly as they name it. Tokens are accepted once this, "
        "`IDENTITY_GRAPH_OIDC_AUDIENCE` and `IDENTITY_GRAPH_OIDC_JWKS_URL` are set.",
    )
    oidc_audience: str | None = Field(default=None, description="Audience that tokens must be meant for.")
    oidc_jwks_url: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Where the provider publishes its keys, the `jwks_uri` of its `/.well-known/openid-configuration`.",
    )
    oidc_algorithms: Annotated[tuple[SigningAlgorithm, ...], NoDecode] = Field(
        default=("RS256", "ES256"),
        min_length=1,
        description="Algorithms by which tokens may be signed, separated by commas. Only asymmetric ones can be chosen.",
    )
    oidc_name_claim: str = Field(default="sub", description="Claim that names who comes.")
    oidc_scopes_claim: str = Field(
        default="scope",
        description="Claim with the scopes: a text with spaces, or a list. `identity-graph:read` gives the scope `read`.",
    )
    oidc_scopes: Annotated[dict[str, tuple[str, ...]], NoDecode] = Field(
        default_factory=dict[str, tuple[str, ...]],
        description="Scopes for other values of that claim, such as groups, as JSON: "
        '`{"support": ["read", "pii"], "marketing": ["read", "segments"]}`.',
    )

    wechat_accounts: Annotated[dict[str, WechatAccount], NoDecode] = Field(
        default_factory=dict[str, WechatAccount],
        description="Official accounts whose pushes `/hooks/wechat/NAME` takes, by name, as JSON: "
        '`{"NAME": {"app_id": "wx…", "token": "…", "aes_key": "…"}}`. `aes_key` is the EncodingAESKey, for the safe mode.',
    )
    wecom_accounts: Annotated[dict[str, WecomAccount], NoDecode] = Field(
        default_factory=dict[str, WecomAccount],
        description="Companies whose pushes `/hooks/wecom/NAME` takes, by name, as JSON: "
        '`{"NAME": {"corp_id": "ww…", "token": "…", "aes_key": "…"}}`.',
    )

    max_connections: int = Field(
        default=2000,
        ge=16,
        le=100_000,
        description="Most connections at the same time. When all are in use, one without a request is closed for a new one.",
    )
    max_connections_per_address: int = Field(
        default=500,
        ge=8,
        le=100_000,
        description="The same for one address. Behind a proxy, set it to `IDENTITY_GRAPH_MAX_CONNECTIONS`, since all come from one address.",
    )
    events_per_second_per_key: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Events that the collector takes in a second with one write key; ten times as many at once after a pause. More "
        "are answered 429, and SDKs send them again. 0 means no limit.",
    )
    events_per_second_per_address: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="The same for one address; of IPv6, for one network of 64 bits. Behind a proxy all senders have one address: leave it at 0.",
    )
    wrong_keys_per_second_per_address: int = Field(
        default=20,
        ge=0,
        le=1_000_000,
        description="Wrong keys that one address may try in a second; ten times as many at once after a pause. Beyond that, each is refused a second later. "
        "Valid keys are never held up. 0 means no limit.",
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.\-_\[\]:]+/?$",
        description="Address under which SDKs of web pages reach this service, such as `https://events.example.com`. They are told so when they ask for their "
        "settings. Without it, they are told the host under which they asked.",
    )
    head_seconds: float = Field(
        default=10, ge=0.1, le=3600, description="Seconds that a client has to send a request up to its body."
    )
    body_seconds: float = Field(default=60, ge=0.1, le=3600, description="Seconds that a client has to send a body.")

    keep_ip: bool = Field(
        default=False,
        description="Keep whole network addresses (`context.ip`) with events. Without it, an event keeps only the network: three of "
        "the four numbers of IPv4, the first 48 bits of IPv6.",
    )

    spool_after_ms: float = Field(
        default=600,
        ge=0,
        le=60_000,
        description="Milliseconds that the collector waits for a commit before it writes the messages to the spool and answers.",
    )
    spool_max_mb: int = Field(
        default=1024,
        ge=0,
        le=1_000_000,
        description="Most megabytes in the spool; 0 means no spool: without Neo4j the collector answers 503.",
    )
    spool_disk_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="Most of the free disk that the spool takes, as a share: 0.25 is a quarter.",
    )

    commit_size: int = Field(default=1000, ge=1, le=10_000, description="Most events in one transaction.")
    commit_delay_ms: float = Field(
        default=3,
        ge=0,
        le=1000,
        description="Milliseconds that an idle service waits for more events before it commits the first.",
    )
    preview_max_identifiers: int = Field(
        default=200_000,
        ge=0,
        description="`previewRules` works up to this many identifiers in the graph; `identity-graph rules diff` has no limit.",
    )

    privacy_region: str = Field(
        default="EU",
        min_length=2,
        max_length=20,
        description="By whose law privacy requests are due that name no region: `EU`, `US-CA` or `CN`; elsewhere the time of the EU holds.",
    )
    privacy_approvals: int = Field(
        default=1,
        ge=1,
        le=2,
        description="How many people approve a privacy request. With 2, whoever opened it is not one of them.",
    )
    audit_keep_days: int = Field(
        default=1100,
        ge=1098,
        le=36_500,
        description="Days that entries of the audit log are kept: three years at least.",
    )

    rfm_recut_hours: int = Field(
        default=0,
        ge=0,
        le=8760,
        description="Hours after which a running service finds the boundaries of RFM anew; 0 means only when it is asked to.",
    )

    webhook_allow_private: bool = Field(
        default=False,
        description="Let webhooks go to private networks and to this machine. Metadata of clouds, link-local and multicast "
        "addresses are refused all the same.",
    )

    @field_validator("oidc_algorithms", mode="before")
    @classmethod
    def _read_algorithms(cls, value: object) -> object:
        """Read a list that is separated by commas."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("wechat_accounts", "wecom_accounts", "oidc_scopes", mode="before")
    @classmethod
    def _read_accounts(cls, value: object) -> object:
        """Read JSON, without showing it in the error when it is none."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "{}")
        except ValueError:
            raise ValueError("it is not JSON") from None

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _read_origins(cls, value: object) -> object:
        """Read a list that is separated by commas, as browsers write origins: no path, no slash at the end."""
        if not isinstance(value, str):
            return value
        origins = tuple(part.strip() for part in value.split(",") if part.strip())
        for origin in origins:
            if _ORIGIN.fullmatch(origin) is None:
                raise ValueError(
                    f"{origin!r} is not an origin; write `https://host` or `https://host:port`, without a path"
                )
        return tuple(origin.lower() for origin in origins)


def explain_settings(error: ValidationError) -> SettingsError:
    """Make the error that names each setting that makes no sense, and what it holds unless that is secret."""
    problems = [_explain(problem) for problem in error.errors()]
    return SettingsError("; ".join(problems), settings=[str(problem["loc"][0]) for problem in error.errors()])


def _explain(problem: ErrorDetails) -> str:
    name, *inside = map(str, problem["loc"])
    where = "".join(f"[{part}]" for part in inside)
    held = "" if name in _SECRET else f", not {problem['input']!r}"
    return f"{_PREFIX}{name.upper()}{where}: {problem['msg']}{held}"
