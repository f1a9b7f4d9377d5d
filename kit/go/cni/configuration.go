package main

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
)

const (
	configurationFolder = "/etc/cni/net.d"
	mtu                 = 1500
)

type object = map[string]any

// writeConfiguration configures the container runtime: each pod of this node gets an address from the range of the node and a veth
// pair of its own. The file appears in one step, because the runtime watches the folder.
func writeConfiguration(local netip.Prefix) error {
	content, err := json.MarshalIndent(object{
		"cniVersion": "0.4.0",
		"name":       "kit",
		"plugins": []object{
			{
				"type":   "ptp",
				"ipMasq": false,
				"mtu":    mtu,
				"ipam": object{
					"type":    "host-local",
					"dataDir": "/run/cni-ipam-state",
					"routes":  []object{{"dst": "0.0.0.0/0"}},
					"ranges":  [][]object{{{"subnet": local.String()}}},
				},
			},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	fresh := filepath.Join(configurationFolder, ".kit.tmp")
	if err := os.WriteFile(fresh, content, 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, filepath.Join(configurationFolder, "10-kit.conflist"))
}
