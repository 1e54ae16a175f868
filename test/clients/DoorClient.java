// ClickHouse's JDBC driver with default settings against the door, and the metadata that DBeaver reads. Prints one JSON object: see
// clients.test.ts.
// usage: java -cp JARS DoorClient.java URL PASSWORD FILE

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

public class DoorClient {
  interface Work { void run() throws SQLException; }

  public static void main(String[] words) throws Exception {
    String types = Files.readString(Path.of(words[2]));
    List<String> parts = new ArrayList<>();
    try (Connection connection = connect(words[0], words[1])) {
      var about = connection.getMetaData();
      parts.add(member("version", quoted(about.getDriverVersion())));
      parts.add(member("product", quoted(about.getDatabaseProductName())));
      try (var found = about.getSchemas()) { parts.add(member("databases", column(found, "TABLE_SCHEM"))); }
      try (var found = about.getTables(null, "analyst", "%", null)) { parts.add(member("tables", column(found, "TABLE_NAME"))); }
      try (var found = about.getColumns(null, "analyst", "freshness", "%")) { parts.add(member("columns", column(found, "COLUMN_NAME"))); }
      try (var statement = connection.prepareStatement("SELECT toDate(?) + 1, ?, toUInt64(?)")) {
        statement.setString(1, "2026-11-01");
        statement.setString(2, "a'b ü");
        statement.setLong(3, Long.MAX_VALUE);
        try (var rows = statement.executeQuery()) { parts.add(member("parameters", row(rows))); }
      }
      try (var statement = connection.createStatement()) {
        try (var rows = statement.executeQuery(types)) { parts.add(member("types", row(rows))); }
        long count = 0, sum = 0;
        try (var rows = statement.executeQuery("SELECT number, toString(number) AS text FROM numbers(300000)")) {
          while (rows.next()) { count++; sum += Long.parseLong(rows.getString(2)); }
        }
        parts.add(member("rows", "[" + count + "," + sum + "]"));
        try (var rows = statement.executeQuery("SELECT source FROM freshness WHERE source = 'none'")) {
          parts.add(member("none", rows.next() ? "1" : "0"));
        }
        parts.add(member("error", quoted(message(() -> statement.executeQuery("SELECT nope FROM freshness")))));
        parts.add(member("refused", quoted(message(() -> statement.execute("CREATE TABLE t (a Int8) ENGINE = Memory")))));
      }
    }
    parts.add(member("wrongPassword", quoted(message(() -> {
      try (var connection = connect(words[0], "wrong"); var statement = connection.createStatement()) {
        statement.executeQuery("SELECT 1");
      }
    }))));
    System.out.println("{" + String.join(",", parts) + "}");
  }

  static Connection connect(String url, String password) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", "default");
    properties.setProperty("password", password);
    return DriverManager.getConnection(url, properties);
  }

  static String message(Work work) {
    try { work.run(); } catch (SQLException error) { return error.getErrorCode() + " " + error.getMessage(); }
    return "no error";
  }

  static String row(ResultSet rows) throws SQLException {
    rows.next();
    List<String> values = new ArrayList<>();
    for (int at = 1; at <= rows.getMetaData().getColumnCount(); at++) values.add(quoted(rows.getString(at)));
    return "[" + String.join(",", values) + "]";
  }

  static String column(ResultSet rows, String name) throws SQLException {
    List<String> values = new ArrayList<>();
    while (rows.next()) values.add(quoted(rows.getString(name)));
    return "[" + String.join(",", values) + "]";
  }

  static String member(String name, String value) { return quoted(name) + ":" + value; }

  static String quoted(String text) {
    if (text == null) return "null";
    StringBuilder out = new StringBuilder("\"");
    for (char one : text.toCharArray())
      if (one == '"' || one == '\\') out.append('\\').append(one);
      else if (one < ' ') out.append(String.format("\\u%04x", (int) one));
      else out.append(one);
    return out.append('"').toString();
  }
}
