"""Names of the original language that Harnlet does not have: calls end with a runtime error that says so.

They are declared so that the checker knows them as names, and so that a plugin which brings one of
them takes its place. Rule: docs/builtins.md#harnlets-own-decisions, point 5.
"""

from typing import Final, NamedTuple

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Builtin
from harnlet.runtime.signature import Parameter


class Family(NamedTuple):
    """Names that are left out together: their tier (1 is the library of every script, 2 is for hosts of
    agents, 3 is services), the section that they would belong to, what they stand for."""

    tier: int
    section: str
    title: str
    names: str


# fmt: off
FAMILIES: Final = (
    Family(2, "18.3", "hooks of tools and policies for commands", """
        clear_tool_hooks command_llm_risk_scan command_policy command_policy_pop command_policy_push
        command_result_scan command_risk_scan register_tool_hook
    """),
    Family(2, "22", "automatic spans, and the use of models", """
        enable_tracing llm_info llm_usage trace_spans trace_summary
    """),
    Family(2, "25", "plans and catalogues of skills", """
        plan_artifact plan_entries render_always_on_catalog
    """),
    Family(3, "25", "calls of language models", """
        llm_call llm_call_safe llm_call_structured llm_call_structured_result llm_call_structured_safe
        llm_completion llm_mock llm_mock_calls llm_mock_clear llm_mock_pop_scope llm_mock_push_scope
        llm_stream
    """),
    Family(3, "25", "the catalogue of models and providers", """
        llm_available_providers llm_config llm_healthcheck llm_infer_provider llm_known_models
        llm_model_info llm_model_tier llm_pick_model llm_provider_catalog llm_providers llm_qc_default_model
        llm_resolve_model provider_capabilities provider_capabilities_clear provider_capabilities_install
        provider_register
    """),
    Family(3, "25", "the cost of language models", """
        llm_budget llm_budget_remaining llm_cost llm_session_cost
    """),
    Family(3, "25", "agents", """
        agent agent_config agent_inject_feedback agent_loop agent_name agent_subscribe agent_trace
        agent_trace_summary
    """),
    Family(3, "25", "delegated agents and daemons", """
        close_agent daemon_resume daemon_snapshot daemon_spawn daemon_stop daemon_trigger list_agents
        resume_agent send_input spawn_agent sub_agent_run wait_agent worker_trigger
    """),
    Family(3, "25", "artifacts and contexts", """
        artifact artifact_apply_intent artifact_command_result artifact_context artifact_derive
        artifact_diff artifact_diff_review artifact_editor_selection artifact_git_diff
        artifact_patch_proposal artifact_review_decision artifact_select artifact_test_result
        artifact_verification_bundle artifact_verification_result artifact_workspace_file
        artifact_workspace_snapshot assemble_context handoff handoff_context select_artifacts_adaptive
    """),
    Family(3, "25", "recorded runs and their evaluation", """
        context_pack_manifest context_pack_manifest_parse context_pack_suggestions eval_metric eval_metrics
        eval_pack_manifest eval_pack_run eval_suite_manifest eval_suite_run friction_clear
        friction_eval_fixture friction_event friction_events friction_record load_run_tree run_command
        run_record run_record_diff run_record_eval run_record_eval_suite run_record_fixture run_record_load
        run_record_save
    """),
    Family(3, "25", "invariants with evidence", """
        flow_evidence_atom flow_evidence_citation flow_evidence_metadata flow_evidence_transcript
        flow_invariant_allow flow_invariant_block flow_invariant_confidence flow_invariant_is_blocking
        flow_invariant_kind flow_invariant_require_approval flow_invariant_warn flow_remediation
        flow_with_confidence flow_with_evidence flow_with_remediation
    """),
    Family(3, "25", "triggers and connectors", """
        connector_call emit_response event_log_emit handler_context list_providers_native metrics_inc
        secret_get trigger_fire trigger_inspect_action_graph trigger_inspect_dlq trigger_inspect_lifecycle
        trigger_list trigger_register trigger_replay trigger_test_harness
    """),
    Family(3, "25", "questions to people, and durable waits", """
        ask_user dual_control escalate_to hitl_pending monitor_wait_for_native request_approval
        waitpoint_cancel waitpoint_complete waitpoint_create waitpoint_wait
    """),
    Family(3, "25", "the Model Context Protocol", """
        mcp_call mcp_connect mcp_disconnect mcp_ensure_active mcp_get_prompt mcp_list_prompts
        mcp_list_resource_templates mcp_list_resources mcp_list_tools mcp_prompt mcp_read_resource
        mcp_registry_status mcp_release mcp_resource mcp_resource_template mcp_serve mcp_server_card
        mcp_server_info mcp_tools
    """),
    Family(3, "25", "Postgres", """
        pg_close pg_connect pg_execute pg_mock_calls pg_mock_pool pg_pool pg_query pg_query_one
        pg_transaction
    """),
    Family(3, "25", "scans and reviews", """
        project_enrich_native secret_scan self_review vision_ocr
    """),
    Family(3, "25", "registries of skills", """
        load_skill skill_count skill_define skill_describe skill_find skill_list skill_registry skill_remove
        skill_render skill_select skills_catalog_entries
    """),
    Family(3, "25", "records of trust", """
        trust_graph_policy_for trust_graph_query trust_graph_record trust_graph_verify_chain trust_query
        trust_record
    """),
    Family(3, "25", "workflows", """
        continue_as_new workflow.continue_as_new workflow.pause workflow.publish_query workflow.query
        workflow.receive workflow.respond_update workflow.resume workflow.signal workflow.status
        workflow.update workflow_clone workflow_commit workflow_diff workflow_execute workflow_graph
        workflow_insert_node workflow_inspect workflow_policy_report workflow_replace_node workflow_rewire
        workflow_set_auto_compact workflow_set_context_policy workflow_set_model_policy
        workflow_set_output_visibility workflow_validate
    """),
)
# fmt: on
"""What is missing, by tier and section."""

NAMES: Final = {name: family.title for family in FAMILIES for name in family.names.split()}
"""Name to the title of its family."""

SECTION: Final = "25"
_PARAMETERS: Final = (Parameter("arguments", "rest"),)


def _missing(name: str, family: str) -> Builtin:
    def refuse(*arguments: object) -> object:
        raise RuntimeFault(f"unsupported in Harnlet: {name}")

    # Not through the decorator: it takes its time with each signature, and here all are the same.
    doc = f"Not in Harnlet: {family}."
    signature = f"{name}(...arguments)"
    return Builtin(name, signature, _PARAMETERS, doc, "pure", SECTION, False, refuse, False)


globals().update({f"{name}_": _missing(name, family) for name, family in NAMES.items()})
