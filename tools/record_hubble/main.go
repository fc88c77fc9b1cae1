// Records what Cilium's own types make of flows: the lines of a file of Hubble's exporter, and made-up messages in which
// any field may be set. Each line of the output has a message as protobuf's JSON and as it is on the wire.
//
// Run it within a checkout of github.com/cilium/cilium: go run ./record_hubble FILE.jsonl > messages.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"

	"github.com/cilium/cilium/api/v1/observer"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const madeUp = 250

var (
	rolls     = rand.New(rand.NewSource(7))
	addresses = []string{"10.0.0.1", "10.0.0.2", "fd00::7", "::ffff:10.0.0.3", "93.184.216.34", "none"}
	labels    = []string{"k8s:app=web", "reserved:world", "reserved:host", "cidr:10.0.0.0/8", "fqdn:api.example"}
	types     = []int32{0, 1, 2, 3, 4, 5, 129, 130}
)

func main() {
	file, err := os.Open(os.Args[1])
	check(err)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		message := &observer.GetFlowsResponse{}
		check(protojson.Unmarshal(lines.Bytes(), message))
		record(message)
	}
	for range madeUp {
		message := &observer.GetFlowsResponse{}
		fill(message.ProtoReflect(), 0)
		record(message)
	}
}

func record(message proto.Message) {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	check(err)
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	check(err)
	line, err := json.Marshal(map[string]any{"json": json.RawMessage(text), "wire": wire})
	check(err)
	fmt.Println(string(line))
}

func fill(message protoreflect.Message, depth int) {
	switch message.Descriptor().FullName() {
	case "google.protobuf.Any":
		return
	case "google.protobuf.Timestamp":
		seconds, nanos := message.Descriptor().Fields().ByName("seconds"), message.Descriptor().Fields().ByName("nanos")
		message.Set(seconds, protoreflect.ValueOfInt64(1_785_000_000+rolls.Int63n(10_000)))
		parts := []int32{0, 5_000_000, 5_000, 123_456_789}
		message.Set(nanos, protoreflect.ValueOfInt32(parts[rolls.Intn(len(parts))]))
		return
	}
	fields := message.Descriptor().Fields()
	for number := range fields.Len() {
		field := fields.Get(number)
		often := 0.5
		switch within := field.ContainingMessage().Name(); {
		case within == "IP" || within == "TCP" || within == "UDP" || within == "SCTP":
			often = 0.95
		case field.Name() == "flow" || field.Name() == "IP" || field.Name() == "l4" || field.Name() == "time":
			often = 0.95
		}
		if field.ContainingOneof() != nil && depth == 0 {
			often = 0.9 // the last one that is set stays, and flows come first
			if field.Name() != "flow" {
				often = 0.1
			}
		}
		if rolls.Float64() > often || (depth > 4 && field.Message() != nil) {
			continue
		}
		if field.IsList() {
			list := message.Mutable(field).List()
			for range 1 + rolls.Intn(2) {
				if field.Message() != nil {
					fill(list.AppendMutable().Message(), depth+1)
				} else {
					list.Append(scalar(field))
				}
			}
		} else if field.Message() != nil {
			fill(message.Mutable(field).Message(), depth+1)
		} else {
			message.Set(field, scalar(field))
		}
	}
}

func scalar(field protoreflect.FieldDescriptor) protoreflect.Value {
	name := string(field.Name())
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rolls.Intn(2) == 0)
	case protoreflect.EnumKind:
		values := field.Enum().Values()
		if rolls.Intn(20) == 0 {
			return protoreflect.ValueOfEnum(99) // a value that nobody knows yet
		}
		return protoreflect.ValueOfEnum(values.Get(rolls.Intn(values.Len())).Number())
	case protoreflect.Int32Kind:
		if name == "type" {
			return protoreflect.ValueOfInt32(types[rolls.Intn(len(types))])
		}
		return protoreflect.ValueOfInt32(rolls.Int31n(200))
	case protoreflect.Uint32Kind:
		if strings.HasSuffix(name, "_port") {
			return protoreflect.ValueOfUint32(uint32(rolls.Intn(66_500)))
		}
		return protoreflect.ValueOfUint32(uint32(rolls.Intn(300)))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(rolls.Uint64() >> 20)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(rolls.Int63() >> 20)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(rolls.Float64())
	}
	switch {
	case name == "labels":
		return protoreflect.ValueOfString(labels[rolls.Intn(len(labels))])
	case strings.HasPrefix(name, "source") || strings.HasPrefix(name, "destination"):
		return protoreflect.ValueOfString(addresses[rolls.Intn(len(addresses))])
	}
	return protoreflect.ValueOfString(fmt.Sprintf("%s-%d", name, rolls.Intn(4)))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
