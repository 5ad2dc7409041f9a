using System.Text;
using DuckDB.NET.Data;

namespace Platform.Connectors.Tests.Types.Files;

public sealed class FileTypesTests : FileTest
{
    [Test]
    public async Task Finds_types()
    {
        const string Csv =
            """
            n,x,flag,day,at,clock,zip,phone,long_id,mixed,missing
            1,1.5,true,2026-01-31,2026-01-31 10:30:00,10:30:00,01234,+4930123456,12345678901234567890,1,NA
            2,2,false,2026-02-01,2026-02-01T00:00:05,11:00:00,99999,+4930123457,1,x,7

            """;

        Assert.That(await ReadAsync(Write("types.csv", Csv)), Is.EqualTo(
            "integer double boolean date timestamp time text text text text integer "
            + """[[1,1.5,true,"2026-01-31","2026-01-31T10:30:00","10:30:00","01234","+4930123456","12345678901234567890","1",null],"""
            + """[2,2,false,"2026-02-01","2026-02-01T00:00:05","11:00:00","99999","+4930123457","1","x",7]]"""));
    }

    [Test]
    public async Task Takes_nothing_for_a_number_or_a_time_that_it_only_resembles()
    {
        const string Csv =
            """
            hex,grouped,zoned,local,iso
            0x1F,1_000,2026-01-01 10:00:00+02,31.12.2025,2026-01-01
            0x20,2_000,2026-01-01 10:00:00Z,01.01.2026,2026-01-02

            """;

        Assert.That(await ReadAsync(Write("nearly.csv", Csv)), Is.EqualTo(
            "text text timestamptz date date "
            + """[["0x1F","1_000","2026-01-01T08:00:00Z","2025-12-31","2026-01-01"],"""
            + """["0x20","2_000","2026-01-01T10:00:00Z","2026-01-01","2026-01-02"]]"""));
    }

    [Test]
    public async Task Keeps_how_far_a_time_is_from_utc_where_it_comes_late()
    {
        var rows = string.Concat(Enumerable.Repeat("2026-01-01 10:00:00\n", 110_000));

        Assert.That(
            await ReadAsync(Write("late.csv", $"t\n{rows}2026-01-01 10:00:00+02:00\n"), query: "select min(t), max(t) from data"),
            Is.EqualTo("""timestamptz timestamptz [["2026-01-01T08:00:00Z","2026-01-01T10:00:00Z"]]"""));
    }

    [Test]
    public async Task Keeps_the_text_of_what_could_be_null_where_the_column_is_text()
    {
        Assert.That(
            await ReadAsync(Write("na.csv", "country,n\nNA,1\nDE,NULL\n-,3\n")),
            Is.EqualTo("""text integer [["NA",1],["DE",null],["-",3]]"""));
    }

    [TestCase("text", "1", "text \"1\"")]
    [TestCase("integer", "0012", "integer 12")]
    [TestCase("decimal", "1.50", "decimal 1.50")]
    [TestCase("double", "1", "double 1")]
    [TestCase("boolean", "yes", "boolean true")]
    [TestCase("date", "2026-01-31", "date \"2026-01-31\"")]
    [TestCase("time", "10:30", "time \"10:30:00\"")]
    [TestCase("timestamp", "2026-01-31", "timestamp \"2026-01-31T00:00:00\"")]
    [TestCase("timestamp", "2026-01-31T10:00:00+02:00", "timestamp \"2026-01-31T08:00:00\"")]
    [TestCase("timestamptz", "2026-01-31T10:00:00+02:00", "timestamptz \"2026-01-31T08:00:00Z\"")]
    public async Task Gives_a_column_the_type_that_is_set(string type, string cell, string expected)
    {
        var path = Write("one.csv", $"v,n\n{cell},1\n,2\n");
        var parts = expected.Split(' ', 2);

        Assert.That(
            await ReadAsync(path, $$$"""{"columns": {"V": "{{{type}}}"}}"""),
            Is.EqualTo($"{parts[0]} integer [[{parts[1]},1],[null,2]]"));
    }

    [TestCase("integer", "1.5")]
    [TestCase("integer", "x")]
    [TestCase("integer", "99999999999999999999")]
    [TestCase("decimal", "1,5")]
    [TestCase("double", "1.2.3")]
    [TestCase("boolean", "perhaps")]
    [TestCase("date", "2026-02-30")]
    [TestCase("date", "2026-02-03 10:00:00")]
    [TestCase("time", "25:00")]
    [TestCase("timestamp", "soon")]
    public async Task Names_column_and_line_of_what_does_not_fit(string type, string cell)
    {
        var path = Write("misfit.csv", $"id,note,v\n1,\"two\nlines\",\n2,,\n3,x,\"{cell}\"\n4,,\"{cell}\"\n");

        Assert.That(await FailAsync(path, $$$"""{"columns": {"v": "{{{type}}}"}}"""), Is.EqualTo(
            $"data_invalid: Line 5, column \"v\": \"{cell}\" is no {type}, which columns asks for. Of the column 2 cells do not fit."));
    }

    [Test]
    public async Task Names_the_columns_where_one_is_unknown()
    {
        Assert.That(await FailAsync(Write("a.csv", "a,b\n1,2\n"), """{"columns": {"zip": "text"}}"""), Is.EqualTo(
            "invalid_config: The file has no column \"zip\", which columns names. It has: a, b."));
    }

    [Test]
    public async Task Looks_at_all_rows_where_the_first_ones_mislead()
    {
        var rows = new StringBuilder("whole,mixed,code,plain\n");
        for (var row = 1; row <= 250_000; row++)
        {
            rows.Append(row).Append(',').Append(row).Append(',').Append(row).Append(',').Append(row).Append('\n');
        }

        rows.Append("1.5,x,007,250001\n");

        Assert.That(
            await ReadAsync(
                Write("late.csv", rows.ToString()), query: "select whole, mixed, code, plain from data where plain > 250000"),
            Is.EqualTo("""double text text integer [[1.5,"x","007",250001]]"""));
    }

    [Test]
    public async Task Writes_decimals_with_all_their_digits()
    {
        Assert.That(
            await ReadAsync(Write("d.csv", "v\n12345678901234567890.12\n0.12345678\n"), """{"columns": {"v": "decimal"}}"""),
            Is.EqualTo("decimal [[12345678901234567890.12],[0.12345678]]"));
        Assert.That(
            await FailAsync(Write("d.csv", "v\n12345678901234567890.12\n0.12345678901\n"), """{"columns": {"v": "decimal"}}"""),
            Does.StartWith("data_invalid: Column \"v\" needs 31 digits; a decimal has at most 28."));
    }

    [Test]
    public async Task Reads_dates_in_the_form_that_is_set()
    {
        var path = Write("us.csv", "day,at\n02/01/2026,02/01/2026 5:30 PM\n");
        const string Config =
            """{"columns": {"day": "date", "at": "timestamp"}, "date_format": "%m/%d/%Y", "timestamp_format": "%m/%d/%Y %I:%M %p"}""";

        Assert.That(await ReadAsync(path, Config), Is.EqualTo("""date timestamp [["2026-02-01","2026-02-01T17:30:00"]]"""));
    }

    [Test]
    public async Task Gives_types_to_columns_of_json()
    {
        const string Json = "{\"zip\": \"01234\", \"n\": \"7\", \"place\": {\"x\": 1}}\n{\"zip\": 80331, \"n\": 8, \"place\": null}\n";
        const string Config = """{"columns": {"zip": "text", "n": "integer"}}""";

        Assert.That(await ReadAsync(Write("a.ndjson", Json), Config), Is.EqualTo(
            """text integer json [["01234",7,{"x":1}],["80331",8,null]]"""));
        Assert.That(await FailAsync(Write("a.ndjson", Json + "{\"n\": 1.5}\n"), Config), Is.EqualTo(
            "data_invalid: Row 3, column \"n\": \"1.5\" is no integer, which columns asks for."));
    }

    [Test]
    public async Task Finds_columns_of_json_wherever_they_are()
    {
        var rows = string.Concat(Enumerable.Repeat("{\"a\": 1}\n", 30_000));
        var keys = string.Concat(Enumerable.Range(0, 3).Select(
            row => $"{{{string.Join(',', Enumerable.Range(row, 500).Select(at => $"\"k{at}\": {at}"))}}}\n"));

        Assert.That(
            await ReadAsync(
                Write("late.ndjson", rows + "{\"a\": \"x\", \"b\": 2}\n"), query: "select count(*), max(b), min(a::varchar) from data"),
            Does.EndWith(" [[30001,2,\"1\"]]").Or.EndWith(" [[30001,2,\"\\\"x\\\"\"]]"));
        Assert.That((await NamesAsync(Write("keys.ndjson", keys))).Split('|'), Has.Length.EqualTo(502));
    }

    [Test]
    public async Task Gives_types_to_columns_of_parquet()
    {
        var path = NewPath("a.parquet");
        await using var database = new DuckDBConnection("DataSource=:memory:");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = $"copy (select 7 as n, '2026-01-01' as day, [1, 2] as list) to '{path}' (format parquet)";
        await command.ExecuteNonQueryAsync();

        Assert.That(await ReadAsync(path), Is.EqualTo("""integer text json [[7,"2026-01-01",[1,2]]]"""));
        Assert.That(
            await ReadAsync(path, """{"columns": {"n": "text", "day": "date"}}"""),
            Is.EqualTo("""text date json [["7","2026-01-01",[1,2]]]"""));
    }
}
