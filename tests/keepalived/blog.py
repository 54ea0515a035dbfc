"""The configuration of an old post that pairs two MySQL servers, as it stands."""

from __future__ import annotations

from hatlab.keepalived.diagnose import ScriptFile

_NODE = """\
! Configuration File for keepalived
vrrp_instance VI_1 {{
     state {state}
     interface eth0
     virtual_router_id 51
     priority {priority}
     advert_int 1
{nopreempt}     authentication {{
     auth_type PASS
     auth_pass 1111
     }}
     virtual_ipaddress {{
     {vip}
     }}
}}

virtual_server {server} {{
     delay_loop {loop}
     lb_algo wrr
     lb_kind DR
     persistence_timeout 60
     protocol TCP
     real_server {real} 3306 {{
         weight 3
         notify_down /home/shell/closekeepalived.sh
         TCP_CHECK{blank}{{
             connect_timeout 10
             nb_get_retry 3
             delay_before_retry 3
             connect_port 3306
         }}
     }}
}}
"""
NODE_1 = _NODE.format(
    state="MASTER",
    priority=100,
    nopreempt="     nopreempt\n",
    vip="192.168.41.222/24",
    server="1.0.0.3 3306",
    loop=2,
    real="192.168.41.201",
    blank=" ",
)
NODE_2 = _NODE.format(
    state="BACKUP",
    priority=50,
    nopreempt="",
    vip="1.0.0.122",
    server="1.0.0.122 3306",
    loop=3,
    real="1.0.0.3",
    blank="",
).replace("1.0.0.122 3306 {", "1.0.0.122 3306{")
SCRIPT = {"/home/shell/closekeepalived.sh": ScriptFile('echo "zyh"|sudo -S killall keepalived\n')}
