"""The OpenAPI document against the service that serves it: whatever it allows to ask, the answer is one that it names (guarantee 30)."""

from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi.checks import UndefinedStatusCode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from admin.openapi import make_document
from tests.integration.admin.manager import make_manager
from tests.service_processes import PATIENT, ServiceProcesses, as_admin

EXAMPLES, MORE_EXAMPLES = 4, 12
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
async def token(postgres_url: str, services: ServiceProcesses) -> str:
    """Of company 1, which has one of each thing, with the id 1."""
    services.start("admin", **PATIENT)
    async with aiohttp.ClientSession(services.url("admin")) as door:
        manager = await make_manager(as_admin(postgres_url), door, "Acme")
        await manager.create_one_of_each()
        await manager.create("collaborators", name="Collaborator", email="collaborator@example.com")
    return manager.token


@pytest.mark.parametrize("examples", [EXAMPLES, pytest.param(MORE_EXAMPLES, marks=pytest.mark.long)])
def test_every_operation_answers_as_its_document_says(token: str, services: ServiceProcesses, examples: int) -> None:
    schema = open_schema(make_document(), services)
    tried = 0
    for operation in schema.get_all_operations():
        tried += 1
        try_operation(operation.ok(), {"Authorization": f"Bearer {token}"}, examples=examples)
    assert tried == sum(len(methods) for methods in make_document()["paths"].values())
    assert "unhandled_error" not in services.running["admin"].log.read_text()


def test_an_operation_that_needs_a_token_refuses_who_has_none(token: str, services: ServiceProcesses) -> None:
    for operation in open_schema(make_document(), services).get_all_operations():
        try_operation(operation.ok(), {"Authorization": f"Bearer {token}"}, [ignored_auth], examples=2)


def test_the_check_sees_a_status_that_the_document_does_not_name(token: str, services: ServiceProcesses) -> None:
    document = make_document()
    del document["paths"]["/v1/companies/{company_id}"]["get"]["responses"]["404"]
    operation = open_schema(document, services)["/v1/companies/{company_id}"]["GET"]
    with pytest.raises(FailureGroup, match="found 1 distinct failure") as found:
        try_operation(operation, {"Authorization": f"Bearer {token}"})
    assert isinstance(found.value.exceptions[0], UndefinedStatusCode)


def open_schema(document: dict[str, Any], services: ServiceProcesses) -> Any:
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=services.url("admin"))
    return schema


def try_operation(operation: Any, headers: dict[str, str], checks: Any = CHECKS, examples: int = MORE_EXAMPLES) -> None:
    """Ask what the document allows and what it doesn't; in its company as in others."""

    @seed(1)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), known=st.sampled_from(["nothing", "the company", "all"]))
    def ask(case: Any, known: str) -> None:
        for name in case.path_parameters or ():
            if (known == "all" and name.endswith("_id")) or (known != "nothing" and name == "company_id"):
                case.path_parameters[name] = 1
        case.call_and_validate(headers=headers, checks=checks)

    ask()
