"""Which builtins are declared where, and how many arguments each takes at most (-1: any number).

Made by `python -m harnlet_builtins.families`. Do not edit."""

# ruff: noqa
# fmt: off

INDEX: dict[str, dict[str, int]] = {
    "harnlet_builtins.output": {
        "println": 1, "print": 1, "log": 1, "eprintln": 1, "eprint": 1, "capture_stderr_start": 0,
        "capture_stderr_take": 0, "progress": 4,
    },
    "harnlet_builtins.logs": {
        "log_debug": 2, "log_info": 2, "log_warn": 2, "log_error": 2, "log_set_level": 1, "log_json": 2,
    },
    "harnlet_builtins.terminal": {
        "color": 2, "bold": 1, "dim": 1, "set_color_mode": 1, "read_line": 0, "read_stdin": 0,
        "prompt_user": 1, "mock_stdin": 1, "unmock_stdin": 0, "is_stdin_tty": 0, "is_stdout_tty": 0,
        "is_stderr_tty": 0, "mock_tty": 2, "unmock_tty": 0,
    },
    "harnlet_builtins.conversion": {
        "type_of": 1, "to_string": 1, "to_int": 1, "to_float": 1, "to_list": 1, "len": 1, "keys": 1,
        "values": 1, "entries": 1, "is_same": 2, "addr_of": 1, "hash_value": 1, "unreachable": 1,
    },
    "harnlet_builtins.results": {
        "Ok": 1, "Err": 1, "is_ok": 1, "is_err": 1, "unwrap": 1, "unwrap_or": 2, "unwrap_err": 1,
        "error_category": 1, "is_timeout": 1, "is_rate_limited": 1, "throw_error": 2,
    },
    "harnlet_builtins.math": {
        "abs": 1, "min": 2, "max": 2, "floor": 1, "ceil": 1, "round": 1, "sqrt": 1, "sin": 1, "cos": 1,
        "tan": 1, "asin": 1, "acos": 1, "atan": 1, "atan2": 2, "exp": 1, "ln": 1, "log2": 1, "log10": 1,
        "pow": 2, "sign": 1, "is_nan": 1, "is_infinite": 1, "range": -1,
    },
    "harnlet_builtins.statistics": {
        "mean": 1, "median": 1, "variance": 2, "stddev": 2, "percentile": 2,
    },
    "harnlet_builtins.random_numbers": {
        "rng_seed": 1, "random": 1, "random_int": -1, "random_choice": -1, "random_shuffle": -1,
    },
    "harnlet_builtins.strings": {
        "trim": 1, "lowercase": 1, "uppercase": 1, "split": 2, "join": 2, "starts_with": 2, "ends_with": 2,
        "contains": 2, "replace": 3, "substring": 3, "format": -1, "unicode_normalize": 2,
        "unicode_graphemes": 1, "str_pad": 4,
    },
    "harnlet_builtins.cases": {
        "uppercase_first": 1, "lowercase_first": 1, "title_case": 1, "snake_to_camel": 1,
        "snake_to_pascal": 1, "snake_to_kebab": 1, "kebab_to_snake": 1, "kebab_to_camel": 1,
        "camel_to_snake": 1, "pascal_to_snake": 1, "camel_to_kebab": 1, "camel_to_pascal": 1,
        "pascal_to_camel": 1,
    },
    "harnlet_builtins.path_names": {
        "dirname": 1, "basename": 1, "extname": 1,
    },
    "harnlet_builtins.collections": {
        "chunk": 2, "window": 3, "group_by": 2, "partition": 2, "dedup_by": 2, "flat_map": 2, "pair": -1,
        "iter": 1,
    },
    "harnlet_builtins.sets": {
        "set": -1, "set_add": 2, "set_remove": 2, "set_contains": 2, "set_union": 2, "set_intersect": 2,
        "set_difference": 2, "set_symmetric_difference": 2, "set_is_subset": 2, "set_is_superset": 2,
        "set_is_disjoint": 2,
    },
    "harnlet_builtins.streams": {
        "stream.map": -1, "stream.filter": -1, "stream.tap": -1, "stream.scan": -1, "stream.fold": -1,
        "stream.collect": -1, "stream.first": -1, "stream.take": -1, "stream.take_until": -1,
        "stream.interleave": -1, "stream.zip": -1, "stream.broadcast": -1,
    },
    "harnlet_builtins.streams_timed": {
        "stream.merge": -1, "stream.race": -1, "stream.throttle": -1, "stream.debounce": -1,
    },
    "harnlet_builtins.cancelling": {
        "cancel_graceful": 2, "is_cancelled": 0,
    },
    "harnlet_builtins.tasks": {
        "sleep": 1, "sleep_ms": 1, "await": 1, "cancel": 1, "exit": 1,
    },
    "harnlet_builtins.channels": {
        "channel": 2, "send": 2, "receive": 1, "try_receive": 1, "close_channel": 1, "channel_select": 2,
        "select": -1,
    },
    "harnlet_builtins.atomics": {
        "atomic": 1, "atomic_get": 1, "atomic_set": 2, "atomic_add": 2, "atomic_cas": 3,
    },
    "harnlet_builtins.synchronisation": {
        "sync_mutex_acquire": 2, "sync_semaphore_acquire": 4, "sync_gate_acquire": 3,
        "sync_rwlock_acquire": 3, "sync_release": 1, "sync_metrics": 2,
    },
    "harnlet_builtins.shared_state": {
        "shared_cell": 2, "shared_get": 1, "shared_set": 2, "shared_snapshot": 1, "shared_cas": 3,
        "shared_map": 2, "shared_map_get": 3, "shared_map_set": 3, "shared_map_delete": 2,
        "shared_map_entries": 1, "shared_map_snapshot": 2, "shared_map_cas": 4, "shared_metrics": 1,
        "shared_scope_id": 2,
    },
    "harnlet_builtins.mailboxes": {
        "mailbox_open": 2, "mailbox_lookup": 1, "mailbox_send": 2, "mailbox_receive": 1,
        "mailbox_try_receive": 1, "mailbox_close": 1, "mailbox_metrics": 1,
    },
    "harnlet_builtins.supervisors": {
        "supervisor_start": 1, "supervisor_state": 1, "supervisor_metrics": 1, "supervisor_events": 1,
        "supervisor_stop": 2,
    },
    "harnlet_builtins.races": {
        "parallel_race": 3,
    },
    "harnlet_builtins.circuit_breakers": {
        "circuit_breaker": 3, "circuit_check": 1, "circuit_record_failure": 1, "circuit_record_success": 1,
        "circuit_reset": 1,
    },
    "harnlet_builtins.rate_limits": {
        "with_rate_limit": 3, "llm_rate_limit": 2,
    },
    "harnlet_builtins.task_identity": {
        "runtime_context": 0, "task_current": 0, "runtime_context_values": 0, "runtime_context_get": 2,
        "runtime_context_set": 2, "runtime_context_clear": 1,
    },
    "harnlet_builtins.sessions": {
        "agent_session_open": 1, "agent_session_exists": 1, "agent_session_current_id": 0,
        "agent_session_length": 1, "agent_session_snapshot": 1, "agent_session_ancestry": 1,
        "agent_session_inject": 2, "agent_session_trim": 2, "agent_session_fork": 2,
        "agent_session_fork_at": 3, "agent_session_reset": 1, "agent_session_close": 2,
        "agent_session_compact": 2,
    },
    "harnlet_builtins.session_text": {
        "agent_session_text": 1,
    },
    "harnlet_builtins.transcripts": {
        "transcript": 1, "transcript_from_messages": 1, "transcript_reset": 1, "conversation": 0,
        "add_user": 2, "add_assistant": 2, "add_system": 2, "add_message": 3, "add_tool_result": 3,
        "transcript_add_asset": 2, "transcript_fork": 2, "transcript_archive": 1, "transcript_abandon": 1,
        "transcript_resume": 1, "transcript_messages": 1, "transcript_events": 1,
        "transcript_events_by_kind": 2, "transcript_assets": 1, "transcript_summary": 1, "transcript_id": 1,
        "transcript_stats": 1, "transcript_render_visible": 1, "transcript_render_full": 1,
        "transcript_export": 1, "transcript_import": 1, "transcript_compact": 2, "transcript_summarize": 2,
    },
    "harnlet_builtins.compaction": {
        "estimate_tokens": 1, "microcompact": 2, "transcript_auto_compact": 2,
    },
    "harnlet_builtins.templates": {
        "render": 2, "render_prompt": 2, "render_string": 2, "render_with_provenance": 2,
        "prompt_mark_rendered": 1,
    },
    "harnlet_builtins.event_log": {
        "event_log.emit": 4, "event_log.latest": 1, "event_log.subscribe": 2,
    },
    "harnlet_builtins.tracing": {
        "trace_start": 1, "trace_end": 1, "trace_id": 0,
    },
    "harnlet_builtins.host_mocks": {
        "host_mock": 4, "host_mock_clear": 0, "host_mock_calls": 0, "host_mock_push_scope": 0,
        "host_mock_pop_scope": 0,
    },
    "harnlet_builtins.host_operations": {
        "host_call": 2, "host_capabilities": 0, "host_has": 2,
    },
    "harnlet_builtins.stores": {
        "store_get": 1, "store_set": 2, "store_delete": 1, "store_list": 0, "store_clear": 0,
        "store_save": 0, "checkpoint": 2, "checkpoint_get": 1, "checkpoint_list": 0, "checkpoint_exists": 1,
        "checkpoint_delete": 1, "checkpoint_clear": 0,
    },
    "harnlet_builtins.tools_host": {
        "host_tool_call": 3, "host_tool_list": 0,
    },
    "harnlet_builtins.tool_registry": {
        "tool_registry": 0, "tool_define": 4, "tool_list": 1, "tool_find": 2, "tool_select": 2,
        "tool_remove": 2, "tool_count": 1, "tool_describe": 1, "tool_schema": 2, "tool_prompt": 1,
        "tool_parse_call": 1, "tool_format_result": 2, "tool_bind": 1, "tool_ref": 1, "tool_def": 1,
        "tool_surface_validate": 2,
    },
    "harnlet_builtins.tool_synthesis": {
        "tool_synthesize": 1, "tool_synth_invoke": 2, "tool_synthesis_cache": 0, "tool_synthesis_clear": 0,
    },
    "harnlet_builtins.json_data": {
        "json_stringify": 1, "json_parse": 1, "json_extract": 2,
    },
    "harnlet_builtins.yaml_data": {
        "yaml_parse": 1, "yaml_stringify": 1,
    },
    "harnlet_builtins.toml_data": {
        "toml_parse": 1, "toml_stringify": 1,
    },
    "harnlet_builtins.csv_data": {
        "csv_parse": 2, "csv_stringify": 2,
    },
    "harnlet_builtins.jq": {
        "jq": 2, "jq_first": 2,
    },
    "harnlet_builtins.json_pointer": {
        "json_pointer": 2, "json_pointer_set": 3, "json_pointer_delete": 2,
    },
    "harnlet_builtins.schemas": {
        "schema_check": 2, "schema_parse": 2, "schema_expect": 3, "schema_is": 2, "is_type": 2,
        "json_validate": 2, "schema_of": 1, "schema_extend": 2, "schema_partial": 1, "schema_pick": 2,
        "schema_omit": 2, "schema_to_json_schema": 1, "schema_to_openapi_schema": 1,
        "schema_from_json_schema": 1, "schema_from_openapi_schema": 1,
    },
    "harnlet_builtins.urls": {
        "url_parse": 1, "url_build": 1, "query_parse": 1, "query_stringify": 1, "url_encode": 1,
        "url_decode": 1,
    },
    "harnlet_builtins.regex": {
        "regex_match": 3, "regex_captures": 2, "regex_replace": 3, "regex_replace_all": 3, "regex_split": 3,
    },
    "harnlet_builtins.bytes_values": {
        "bytes_from_string": 1, "bytes_to_string": 1, "bytes_to_string_lossy": 1, "bytes_from_hex": 1,
        "bytes_to_hex": 1, "bytes_from_base64": 1, "bytes_to_base64": 1, "bytes_len": 1, "bytes_concat": 2,
        "bytes_slice": 3, "bytes_eq": 2,
    },
    "harnlet_builtins.encodings": {
        "base64_encode": 1, "base64_decode": 1, "base64url_encode": 1, "base64url_decode": 1,
        "base32_encode": 1, "base32_decode": 1, "hex_encode": 1, "hex_decode": 1,
    },
    "harnlet_builtins.hashes": {
        "md5": 1, "sha224": 1, "sha256": 1, "sha384": 1, "sha512": 1, "sha512_256": 1, "sha3_256": 1,
        "sha3_512": 1, "blake3": 1, "hmac_sha256": 2, "hmac_sha256_base64": 2, "constant_time_eq": 2,
    },
    "harnlet_builtins.key_pairs": {
        "ed25519_keypair": 0, "ed25519_sign": 2, "ed25519_verify": 3, "x25519_keypair": 0,
        "x25519_agree": 2,
    },
    "harnlet_builtins.tokens": {
        "jwt_sign": 3, "jwt_verify": 4,
    },
    "harnlet_builtins.signed_urls": {
        "signed_url": 5, "verify_signed_url": 4,
    },
    "harnlet_builtins.ids": {
        "uuid": 0, "uuid_v7": 0, "uuid_nil": 0, "uuid_parse": 1, "uuid_v5": 2,
    },
    "harnlet_builtins.dates": {
        "date_now": 0, "date_now_iso": 0, "date_iso": 0, "date_parse": 1, "date_format": 3,
        "date_in_zone": 2, "date_to_zone": 2, "date_from_components": 2, "weekday_name": 2, "month_name": 2,
        "date_add": 2, "date_diff": 2,
    },
    "harnlet_builtins.durations": {
        "duration_ms": 1, "duration_seconds": 1, "duration_minutes": 1, "duration_hours": 1,
        "duration_days": 1, "duration_to_seconds": 1, "duration_to_human": 1,
    },
    "harnlet_builtins.clock": {
        "timestamp": 0, "now_ms": 0, "monotonic_ms": 0, "elapsed": 0, "mock_time": 1, "advance_time": 1,
        "unmock_time": 0, "timer_start": 1, "timer_end": 1,
    },
    "harnlet_builtins.path_text": {
        "path_join": -1, "path_parts": 1, "path_parent": 1, "path_basename": 1, "path_stem": 1,
        "path_extension": 1, "path_with_extension": 2, "path_with_stem": 2, "path_is_absolute": 1,
        "path_is_relative": 1, "path_normalize": 1, "path_relative_to": 2, "path_to_posix": 1,
        "path_to_native": 1, "path_segments": 1,
    },
    "harnlet_builtins.path_workspace": {
        "path_workspace_info": 2, "path_workspace_normalize": 2,
    },
    "harnlet_builtins.files": {
        "read_file": 1, "read_file_result": 1, "read_file_bytes": 1, "read_lines": 1, "write_file": 2,
        "write_file_bytes": 2, "append_file": 2, "copy_file": 2, "move_file": 2, "delete_file": 1,
        "file_exists": 1, "list_dir": 1, "mkdir": 1, "stat": 1, "temp_dir": 0,
    },
    "harnlet_builtins.file_trees": {
        "walk_dir": 2, "glob": 3,
    },
    "harnlet_builtins.environment": {
        "env": 1, "env_or": 2, "cwd": 0, "execution_root": 0, "source_dir": 0, "asset_root": 0,
        "project_root": 0, "runtime_paths": 0, "username": 0, "hostname": 0, "home_dir": 0, "platform": 0,
        "arch": 0, "pid": 0,
    },
    "harnlet_builtins.http_client": {
        "http_get": 2, "http_delete": 2, "http_post": 3, "http_put": 3, "http_patch": 3, "http_request": 3,
        "http_session": 1, "http_session_request": 4, "http_session_close": 1, "http_download": 3,
    },
    "harnlet_builtins.http_mocks": {
        "http_mock": 3, "http_mock_calls": 1, "http_mock_clear": 0,
    },
    "harnlet_builtins.egress": {
        "egress_policy": 1,
    },
    "harnlet_builtins.http_server": {
        "http_server": 1, "http_server_route": 5, "http_server_before": 2, "http_server_after": 2,
        "http_server_request": 2, "http_server_test": 2, "http_server_set_ready": 2,
        "http_server_readiness": 2, "http_server_ready": 1, "http_server_on_shutdown": 2,
        "http_server_shutdown": 1,
    },
    "harnlet_builtins.http_responses": {
        "http_response": 3, "http_response_text": 2, "http_response_json": 2, "http_response_bytes": 2,
        "http_header": 2, "http_server_tls_plain": 0, "http_server_tls_edge": 1, "http_server_tls_pem": 2,
        "http_server_tls_self_signed_dev": 1, "http_server_security_headers": 1,
    },
    "harnlet_builtins.sse_server": {
        "sse_event": 2, "sse_server_response": 1, "sse_server_send": 3, "sse_server_heartbeat": 2,
        "sse_server_flush": 1, "sse_server_close": 1, "sse_server_cancel": 2, "sse_server_status": 1,
        "sse_server_disconnected": 1, "sse_server_cancelled": 1, "sse_server_mock_receive": 1,
        "sse_server_mock_disconnect": 1,
    },
    "harnlet_builtins.http_streams": {
        "http_stream_open": 2, "http_stream_read": 2, "http_stream_info": 1, "http_stream_close": 1,
        "sse_connect": 3, "sse_receive": 2, "sse_close": 1,
    },
    "harnlet_builtins.transport_mocks": {
        "sse_mock": 2, "websocket_mock": 2, "transport_mock_calls": 0, "transport_mock_clear": 0,
    },
    "harnlet_builtins.websockets": {
        "websocket_connect": 2, "websocket_send": 3, "websocket_receive": 2, "websocket_close": 1,
    },
    "harnlet_builtins.websocket_servers": {
        "websocket_server": 2, "websocket_route": 2, "websocket_accept": 2, "websocket_server_close": 1,
    },
    "harnlet_builtins.metadata": {
        "metadata_set": 3, "metadata_get": 2, "metadata_resolve": 2, "metadata_entries": 2,
        "metadata_save": 0, "metadata_status": 1, "metadata_stale": 1, "metadata_refresh_hashes": 0,
        "invalidate_facts": 1, "compute_content_hash": 1,
    },
    "harnlet_builtins.directory_scans": {
        "scan_directory": 3,
    },
    "harnlet_builtins.project_scans": {
        "project_fingerprint": 1, "project_scan_native": 2, "project_scan_tree_native": 2,
        "project_walk_tree_native": 2, "project_catalog_native": 0,
    },
    "harnlet_builtins.cookies": {
        "cookie_parse": 1, "cookie_serialize": 3, "cookie_delete": 2, "cookie_round_trip": 2,
        "cookie_sign": 2, "cookie_verify": 2, "session_sign": 2, "session_verify": 2, "session_cookie": 4,
        "session_from_cookies": 3,
    },
    "harnlet_builtins.multipart": {
        "multipart_parse": 3, "multipart_field_bytes": 1, "multipart_field_text": 1,
        "multipart_form_data": 2,
    },
    "harnlet_builtins.compression": {
        "gzip_encode": 2, "gzip_decode": 1, "zstd_encode": 2, "zstd_decode": 1, "brotli_encode": 2,
        "brotli_decode": 1,
    },
    "harnlet_builtins.archives": {
        "tar_create": 1, "tar_extract": 1, "zip_create": 1, "zip_extract": 1,
    },
    "harnlet_builtins.junit": {
        "parse_junit_xml": 1,
    },
    "harnlet_builtins.assertions": {
        "assert": 2, "assert_eq": 3, "assert_ne": 3,
    },
    "harnlet_builtins.unsupported": {
        "clear_tool_hooks": -1, "command_llm_risk_scan": -1, "command_policy": -1, "command_policy_pop": -1,
        "command_policy_push": -1, "command_result_scan": -1, "command_risk_scan": -1,
        "register_tool_hook": -1, "enable_tracing": -1, "llm_info": -1, "llm_usage": -1, "trace_spans": -1,
        "trace_summary": -1, "plan_artifact": -1, "plan_entries": -1, "render_always_on_catalog": -1,
        "llm_call": -1, "llm_call_safe": -1, "llm_call_structured": -1, "llm_call_structured_result": -1,
        "llm_call_structured_safe": -1, "llm_completion": -1, "llm_mock": -1, "llm_mock_calls": -1,
        "llm_mock_clear": -1, "llm_mock_pop_scope": -1, "llm_mock_push_scope": -1, "llm_stream": -1,
        "llm_available_providers": -1, "llm_config": -1, "llm_healthcheck": -1, "llm_infer_provider": -1,
        "llm_known_models": -1, "llm_model_info": -1, "llm_model_tier": -1, "llm_pick_model": -1,
        "llm_provider_catalog": -1, "llm_providers": -1, "llm_qc_default_model": -1,
        "llm_resolve_model": -1, "provider_capabilities": -1, "provider_capabilities_clear": -1,
        "provider_capabilities_install": -1, "provider_register": -1, "llm_budget": -1,
        "llm_budget_remaining": -1, "llm_cost": -1, "llm_session_cost": -1, "agent": -1, "agent_config": -1,
        "agent_inject_feedback": -1, "agent_loop": -1, "agent_name": -1, "agent_subscribe": -1,
        "agent_trace": -1, "agent_trace_summary": -1, "close_agent": -1, "daemon_resume": -1,
        "daemon_snapshot": -1, "daemon_spawn": -1, "daemon_stop": -1, "daemon_trigger": -1,
        "list_agents": -1, "resume_agent": -1, "send_input": -1, "spawn_agent": -1, "sub_agent_run": -1,
        "wait_agent": -1, "worker_trigger": -1, "artifact": -1, "artifact_apply_intent": -1,
        "artifact_command_result": -1, "artifact_context": -1, "artifact_derive": -1, "artifact_diff": -1,
        "artifact_diff_review": -1, "artifact_editor_selection": -1, "artifact_git_diff": -1,
        "artifact_patch_proposal": -1, "artifact_review_decision": -1, "artifact_select": -1,
        "artifact_test_result": -1, "artifact_verification_bundle": -1, "artifact_verification_result": -1,
        "artifact_workspace_file": -1, "artifact_workspace_snapshot": -1, "assemble_context": -1,
        "handoff": -1, "handoff_context": -1, "select_artifacts_adaptive": -1, "context_pack_manifest": -1,
        "context_pack_manifest_parse": -1, "context_pack_suggestions": -1, "eval_metric": -1,
        "eval_metrics": -1, "eval_pack_manifest": -1, "eval_pack_run": -1, "eval_suite_manifest": -1,
        "eval_suite_run": -1, "friction_clear": -1, "friction_eval_fixture": -1, "friction_event": -1,
        "friction_events": -1, "friction_record": -1, "load_run_tree": -1, "run_command": -1,
        "run_record": -1, "run_record_diff": -1, "run_record_eval": -1, "run_record_eval_suite": -1,
        "run_record_fixture": -1, "run_record_load": -1, "run_record_save": -1, "flow_evidence_atom": -1,
        "flow_evidence_citation": -1, "flow_evidence_metadata": -1, "flow_evidence_transcript": -1,
        "flow_invariant_allow": -1, "flow_invariant_block": -1, "flow_invariant_confidence": -1,
        "flow_invariant_is_blocking": -1, "flow_invariant_kind": -1, "flow_invariant_require_approval": -1,
        "flow_invariant_warn": -1, "flow_remediation": -1, "flow_with_confidence": -1,
        "flow_with_evidence": -1, "flow_with_remediation": -1, "connector_call": -1, "emit_response": -1,
        "event_log_emit": -1, "handler_context": -1, "list_providers_native": -1, "metrics_inc": -1,
        "secret_get": -1, "trigger_fire": -1, "trigger_inspect_action_graph": -1, "trigger_inspect_dlq": -1,
        "trigger_inspect_lifecycle": -1, "trigger_list": -1, "trigger_register": -1, "trigger_replay": -1,
        "trigger_test_harness": -1, "ask_user": -1, "dual_control": -1, "escalate_to": -1,
        "hitl_pending": -1, "monitor_wait_for_native": -1, "request_approval": -1, "waitpoint_cancel": -1,
        "waitpoint_complete": -1, "waitpoint_create": -1, "waitpoint_wait": -1, "mcp_call": -1,
        "mcp_connect": -1, "mcp_disconnect": -1, "mcp_ensure_active": -1, "mcp_get_prompt": -1,
        "mcp_list_prompts": -1, "mcp_list_resource_templates": -1, "mcp_list_resources": -1,
        "mcp_list_tools": -1, "mcp_prompt": -1, "mcp_read_resource": -1, "mcp_registry_status": -1,
        "mcp_release": -1, "mcp_resource": -1, "mcp_resource_template": -1, "mcp_serve": -1,
        "mcp_server_card": -1, "mcp_server_info": -1, "mcp_tools": -1, "pg_close": -1, "pg_connect": -1,
        "pg_execute": -1, "pg_mock_calls": -1, "pg_mock_pool": -1, "pg_pool": -1, "pg_query": -1,
        "pg_query_one": -1, "pg_transaction": -1, "project_enrich_native": -1, "secret_scan": -1,
        "self_review": -1, "vision_ocr": -1, "load_skill": -1, "skill_count": -1, "skill_define": -1,
        "skill_describe": -1, "skill_find": -1, "skill_list": -1, "skill_registry": -1, "skill_remove": -1,
        "skill_render": -1, "skill_select": -1, "skills_catalog_entries": -1, "trust_graph_policy_for": -1,
        "trust_graph_query": -1, "trust_graph_record": -1, "trust_graph_verify_chain": -1,
        "trust_query": -1, "trust_record": -1, "continue_as_new": -1, "workflow.continue_as_new": -1,
        "workflow.pause": -1, "workflow.publish_query": -1, "workflow.query": -1, "workflow.receive": -1,
        "workflow.respond_update": -1, "workflow.resume": -1, "workflow.signal": -1, "workflow.status": -1,
        "workflow.update": -1, "workflow_clone": -1, "workflow_commit": -1, "workflow_diff": -1,
        "workflow_execute": -1, "workflow_graph": -1, "workflow_insert_node": -1, "workflow_inspect": -1,
        "workflow_policy_report": -1, "workflow_replace_node": -1, "workflow_rewire": -1,
        "workflow_set_auto_compact": -1, "workflow_set_context_policy": -1, "workflow_set_model_policy": -1,
        "workflow_set_output_visibility": -1, "workflow_validate": -1,
    },
}
