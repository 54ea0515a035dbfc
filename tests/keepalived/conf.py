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
