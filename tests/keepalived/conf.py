"""Configurations the tests share."""

PLAIN = """\
global_defs {
    router_id db1
}

vrrp_script mysql {
    script "/usr/bin/mysql --execute 'SELECT 1'"
    interval 2
    fall 3
    rise 4
    weight -60
}

vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150 # the highest wins
    advert_int 1
    nopreempt
    authentication
    {
        auth_type PASS
        auth_pass hatlab
    }
    virtual_ipaddress {
        198.18.7.100/24 dev eth1
    }
    track_script {
        mysql
    }
}
"""

SOUND = """\
global_defs {
    script_user root
    enable_script_security
}
vrrp_script sql {
    script "/usr/bin/mysql --execute 'SELECT 1'"
    interval 2
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass secret
    }
    virtual_ipaddress {
        198.18.0.100/24 dev eth0
    }
    track_script {
        sql
    }
}
"""
"""A configuration in which there is nothing to find."""
OTHER = SOUND.replace("priority 150", "priority 100")
"""Its peer's."""
