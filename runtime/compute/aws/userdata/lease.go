package userdata

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
)

// watch is the script that a unit of systemd runs for the life of the instance. It needs nothing but curl, which signs requests itself.
//
//go:embed lease.sh
var watch string

// unit starts the watch at boot and again if it ends.
const unit = `[Unit]
Description=batchd lease: powers the instance off when nobody renews it
After=network-online.target
[Service]
ExecStart=/usr/local/sbin/batchd-lease
Restart=always
RestartSec=30
[Install]
WantedBy=multi-user.target
`

// install returns the commands that install the watch.
func (l *Lease) install() string {
	values := strings.Join([]string{
		"parameter='" + l.Parameter + "'",
		"region='" + l.Region + "'",
		fmt.Sprintf("limit=%d", int64(l.Limit/time.Second)),
		fmt.Sprintf("tasks=%d", int64(l.Tasks/time.Second)),
		fmt.Sprintf("poll=%d", int64(PollEvery/time.Second)),
		fmt.Sprintf("look=%d", int64(lookEvery/time.Second)),
	}, "\n")
	return "cat > /usr/local/sbin/batchd-lease <<'BATCHD'\n#!/bin/sh\n" + values + "\n" + watch + "BATCHD\n" +
		"chmod 755 /usr/local/sbin/batchd-lease\n" +
		"cat > /etc/systemd/system/batchd-lease.service <<'BATCHD'\n" + unit + "BATCHD\n" +
		"systemctl daemon-reload\nsystemctl enable --now --no-block batchd-lease.service\n"
}

// Value is what the parameter holds for a lease that ends at a time.
func Value(until time.Time) string { return fmt.Sprint(until.Unix()) }
