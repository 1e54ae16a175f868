// clickhouse-go over HTTP with default settings against the door, and with LZ4. Prints one JSON object: see clients.test.ts.
// usage: main ADDRESS PASSWORD FILE
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func connect(password string, compression *clickhouse.Compression) (driver.Conn, error) {
	return clickhouse.Open(&clickhouse.Options{
		Protocol:    clickhouse.HTTP,
		Addr:        []string{os.Args[1]},
		Auth:        clickhouse.Auth{Username: "default", Password: password},
		Compression: compression,
	})
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func names(conn driver.Conn, sql string) []string {
	rows, err := conn.Query(context.Background(), sql)
	must(err)
	defer rows.Close()
	var found []string
	for rows.Next() {
		var name string
		must(rows.Scan(&name))
		found = append(found, name)
	}
	must(rows.Err())
	return found
}

// The first row, each value in the type that the driver gives it.
func first(conn driver.Conn, sql string, arguments ...any) []string {
	rows, err := conn.Query(context.Background(), sql, arguments...)
	must(err)
	defer rows.Close()
	if !rows.Next() {
		must(rows.Err())
		return nil
	}
	var targets []any
	for _, column := range rows.ColumnTypes() {
		targets = append(targets, reflect.New(column.ScanType()).Interface())
	}
	must(rows.Scan(targets...))
	var values []string
	for _, target := range targets {
		value := reflect.ValueOf(target).Elem()
		for value.Kind() == reflect.Pointer && !value.IsNil() && value.Type() != reflect.TypeOf(&time.Time{}) {
			if _, named := value.Interface().(fmt.Stringer); named {
				break
			}
			value = value.Elem()
		}
		switch one := value.Interface().(type) {
		case time.Time:
			values = append(values, one.UTC().Format(time.RFC3339))
		default:
			values = append(values, fmt.Sprint(one))
		}
	}
	return values
}

func use(compression *clickhouse.Compression, types string) map[string]any {
	conn, err := connect(os.Args[2], compression)
	must(err)
	version, err := conn.ServerVersion()
	must(err)
	rows, err := conn.Query(context.Background(), "SELECT number, toString(number) AS text FROM numbers(300000)")
	must(err)
	var count, sum uint64
	for rows.Next() {
		var number uint64
		var text string
		must(rows.Scan(&number, &text))
		count++
		sum += number
	}
	must(rows.Err())
	_, failed := conn.Query(context.Background(), "SELECT nope FROM freshness")
	return map[string]any{
		"server":     version.DisplayName,
		"databases":  names(conn, "SHOW DATABASES"),
		"tables":     names(conn, "SHOW TABLES"),
		"columns":    names(conn, "SELECT name FROM system.columns WHERE database = 'analyst' AND table = 'freshness' ORDER BY position"),
		"parameters": first(conn, "SELECT {day:Date} + 1, {name:String}", clickhouse.Named("day", "2026-11-01"), clickhouse.Named("name", "a'b ü")),
		"bound":      first(conn, "SELECT ?, ?", "it's", 3),
		"types":      first(conn, types),
		"rows":       []uint64{count, sum},
		"none":       len(names(conn, "SELECT source FROM freshness WHERE source = 'none'")),
		"error":      fmt.Sprint(failed),
		"refused":    fmt.Sprint(conn.Exec(context.Background(), "CREATE TABLE t (a Int8) ENGINE = Memory")),
	}
}

func main() {
	text, err := os.ReadFile(os.Args[3])
	must(err)
	found := map[string]any{
		"plain": use(nil, string(text)),
		"lz4":   use(&clickhouse.Compression{Method: clickhouse.CompressionLZ4}, string(text)),
	}
	if conn, err := connect("wrong", nil); err == nil {
		found["wrongPassword"] = fmt.Sprint(conn.Ping(context.Background()))
	} else {
		found["wrongPassword"] = err.Error()
	}
	must(json.NewEncoder(os.Stdout).Encode(found))
}
