"""The keywords of virtual servers and their checkers: 2.3.4 with every build option.

A lab follows them as one statement, the virtual_server itself: without ip_vs in the kernel all of
keepalived ends.
"""

from __future__ import annotations

from hatlab.keepalived.keywords.effects import Block, lines

_CHECKER = """
    connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark retry delay_before_retry warmup
    delay_loop alpha log_all_failures
"""
_HTTP_CHECKER = f"""
    {_CHECKER}
    nb_get_retry virtualhost http_protocol enable_sni fast_recovery tls_compliant url
"""
_URL = """
    path digest status_code virtualhost regex regex_no_match regex_options regex_min_offset regex_max_offset
    regex_stack tls_compliant
"""
_BLOCKS = {
    "virtual_server": """
        ip_family retry delay_before_retry warmup connect_timeout delay_loop inhibit_on_failure lb_algo
        lvs_sched hashed ops flag-1 flag-2 flag-3 sh-port sh-fallback mh-port mh-fallback lb_kind lvs_method
        persistence_engine persistence_timeout persistence_granularity protocol ha_suspend smtp_alert
        virtualhost snmp_name alpha omega quorum_up quorum_down quorum hysteresis weight sorry_server
        sorry_server_inhibit sorry_server_lvs_method real_server
    """,
    "virtual_server/real_server": """
        weight lvs_method uthreshold lthreshold inhibit_on_failure notify_up notify_down alpha retry
        delay_before_retry warmup connect_timeout delay_loop smtp_alert virtualhost snmp_name TCP_CHECK
        HTTP_GET SSL_GET SMTP_CHECK DNS_CHECK MISC_CHECK UDP_CHECK PING_CHECK FILE_CHECK BFD_CHECK
    """,
    "SSL": "password ca certificate key",
    "real_server/TCP_CHECK": _CHECKER,
    "real_server/HTTP_GET": _HTTP_CHECKER,
    "real_server/SSL_GET": _HTTP_CHECKER,
    "real_server/SMTP_CHECK": f"{_CHECKER} helo_name host",
    "real_server/DNS_CHECK": f"{_CHECKER} type name",
    "real_server/MISC_CHECK": f"{_CHECKER} misc_path misc_timeout misc_dynamic user",
    "real_server/UDP_CHECK": f"{_CHECKER} payload require_reply min_reply_length max_reply_length",
    "real_server/PING_CHECK": _CHECKER,
    "real_server/FILE_CHECK": "track_file weight",
    "real_server/BFD_CHECK": "name alpha",
    "HTTP_GET/url": _URL,
    "SSL_GET/url": _URL,
    "SMTP_CHECK/host": _CHECKER,
}

WHY = "keepalived ends at the virtual_server, as it does where the kernel has no ip_vs"

VIRTUAL_SERVERS = {path: Block(without_effect={WHY: text}) for path, text in _BLOCKS.items()}
"""Path of a block → its keywords."""
VIRTUAL_SERVER_GROUP = lines()
