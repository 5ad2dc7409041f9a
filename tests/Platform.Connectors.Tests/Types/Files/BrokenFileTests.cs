using System.Diagnostics;
using System.Text;

namespace Platform.Connectors.Tests.Types.Files;

public sealed class BrokenFileTests : FileTest
{
    private const int TenMegabytes = 10 * 1024 * 1024;
    private readonly Stopwatch _watch = new();

    [SetUp]
    public void StartWatch() => _watch.Restart();

    [TearDown]
    public void Nothing_hangs() => Assert.That(_watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(60)));

    [TestCase("a.csv", "The file is empty.")]
    [TestCase("a.tsv", "The file is empty.")]
    [TestCase("a.json", "The file is empty.")]
    [TestCase("a.parquet", "The file is no Parquet file.")]
    [TestCase("a.xlsx", "The file is no XLSX workbook, or it is damaged.")]
    public async Task An_empty_file_is_told(string name, string expected)
    {
        Assert.That(await FailAsync(Write(name, "")), Is.EqualTo($"data_invalid: {expected}"));
    }

    [Test]
    public async Task A_file_of_empty_lines_has_no_rows()
    {
        Assert.That(await FailAsync(Write("lines.csv", "\n\r\n\n")), Is.EqualTo("data_invalid: The file has no rows."));
    }

    [TestCase("a,b,c\n")]
    [TestCase("a,b,c")]
    public async Task A_header_alone_is_a_table_without_rows(string content)
    {
        Assert.That(await ReadAsync(Write("head.csv", content)), Is.EqualTo("text text text []"));
        Assert.That(await ReadAsync(Write("head.csv", content), """{"columns": {"b": "date"}}"""), Is.EqualTo("text date text []"));
    }

    [Test]
    public async Task Bytes_that_are_no_text_are_told()
    {
        var junk = new byte[300_000];
        new Random(7).NextBytes(junk);
        junk[0] = (byte)'x';

        Assert.That(
            await FailAsync(Write("junk.csv", junk)), Does.Match("^data_invalid: Line \\d+ (is not valid UTF-8|holds a zero byte)"));
    }

    [TestCase("PK\u0003\u0004", "a ZIP archive or a workbook")]
    [TestCase("PAR1", "a Parquet file; set the format to parquet")]
    [TestCase("%PDF-1.7", "a PDF document")]
    [TestCase("SQLite format 3\0", "a SQLite database")]
    public async Task A_file_of_another_kind_is_named(string begin, string expected)
    {
        var failure = await FailAsync(Write("other.csv", begin + new string('x', 100)), """{"format": "csv"}""");

        Assert.That(failure, Does.StartWith($"data_invalid: The file is no text: it is {expected}"));
    }

    [Test]
    public async Task A_compressed_file_is_named()
    {
        Assert.That(await FailAsync(Write("a.csv", [0x1F, 0x8B, 8, 0, 1, 2])), Is.EqualTo(
            "data_invalid: The file is no text: it is compressed with gzip; unpack it."));
    }

    [Test]
    public async Task A_workbook_that_is_called_csv_is_read_as_what_it_is()
    {
        var path = NewPath("book.csv");
        await using (var file = File.Create(path))
        {
            await MiniExcelLibs.MiniExcel.SaveAsAsync(file, new[] { new { n = 1 } });
        }

        Assert.That(await ReadAsync(path), Is.EqualTo("integer [[1]]"));
    }

    [Test]
    public async Task A_zero_byte_is_named_with_its_line()
    {
        Assert.That(await FailAsync(Write("zero.csv", "a,b\n1,x\n2,y\0z\n")), Does.StartWith(
            "data_invalid: Line 3 holds a zero byte (at offset 11)"));
    }

    [Test]
    public async Task A_parquet_file_that_is_cut_off_is_told()
    {
        var bytes = await File.ReadAllBytesAsync(await ParquetAsync());

        Assert.That(await FailAsync(Write("cut.parquet", bytes[..(bytes.Length / 2)])), Is.EqualTo(
            "data_invalid: The Parquet file is cut off: its end is missing. Upload it again."));
        Assert.That(await FailAsync(Write("tiny.parquet", "PAR1")), Does.StartWith("data_invalid: The Parquet file is cut off"));
    }

    [Test]
    public async Task A_parquet_file_with_a_broken_end_is_told()
    {
        var bytes = await File.ReadAllBytesAsync(await ParquetAsync());
        bytes.AsSpan(bytes.Length - 40, 30).Fill(0xFF);

        Assert.That(await FailAsync(Write("broken.parquet", bytes)), Does.StartWith("data_invalid: "));
    }

    [Test]
    public async Task A_line_of_ten_megabytes_is_read()
    {
        var text = new string('x', TenMegabytes);

        Assert.That(
            await ReadAsync(Write("long.csv", $"id,text\n1,{text}\n2,y\n"), query: "select id, length(text) from data"),
            Is.EqualTo("integer integer [[1,10485760],[2,1]]"));
        Assert.That(
            await ReadAsync(Write("alone.csv", text), query: "select length(column0) from data"), Is.EqualTo("integer [[10485760]]"));
    }

    [Test]
    public async Task A_line_of_ten_million_cells_has_too_many_columns()
    {
        var path = Write("cells.csv", new string(',', TenMegabytes));

        Assert.That(await FailAsync(path, """{"delimiter": ","}"""), Is.EqualTo(
            "data_invalid: Line 1 has more than 5000 cells. Is the delimiter right?"));
        Assert.That(await ReadAsync(path, query: "select length(column0) from data"), Is.EqualTo("integer [[10485760]]"));
    }

    [Test]
    public async Task A_quote_that_is_never_closed_is_named_with_its_line()
    {
        var rows = string.Concat(Enumerable.Range(0, 200_000).Select(row => $"{row},some text here\n"));

        const string Config = """{"quote": "\""}""";
        var open = Write("open.csv", $"a,b\n1,\"x\"\n2,\"y\n{rows}");
        var huge = Write("huge.csv", $"a,b\n1,\"x\"\n2,\"{new string('y', 20 * 1024 * 1024)}\n");

        Assert.That(await FailAsync(open, Config), Does.StartWith("data_invalid: Line 3 opens a quote that is never closed."));
        Assert.That(await FailAsync(huge, Config), Does.StartWith("data_invalid: Line 3 begins a row of more than 16 MB."));
    }

    [Test]
    public async Task Text_behind_a_quote_is_named_with_its_line()
    {
        Assert.That(await FailAsync(Write("behind.csv", "a,b\n1,\"x\"y\n"), """{"quote": "\"", "escape": "\""}"""), Does.StartWith(
            "data_invalid: Line 2 has text behind a closing quote, in column 2."));
    }

    [TestCase("", "integer double integer double integer [[4950,5000,4950,5000,100]]")]
    [TestCase("t", "text text text text integer [[\"t99\",\"t99.5\",\"t99\",\"t99.5\",100]]")]
    public async Task Five_thousand_columns_are_read(string begin, string expected)
    {
        var text = new StringBuilder(string.Join(',', Enumerable.Range(0, 5000).Select(at => $"c{at}"))).Append('\n');
        for (var row = 0; row < 100; row++)
        {
            var cells = Enumerable.Range(0, 5000).Select(at => FormattableString.Invariant($"{begin}{row + (at % 2 * 0.5)}"));
            text.AppendJoin(',', cells).Append('\n');
        }

        var (path, total) = (Write("wide.csv", text.ToString()), begin.Length == 0 ? "sum" : "max");

        Assert.That((await NamesAsync(path)).Split('|'), Has.Length.EqualTo(5000));
        Assert.That(
            await ReadAsync(path, query: $"select {total}(c0), {total}(c1), {total}(c4998), {total}(c4999), count(*) from data"),
            Is.EqualTo(expected));
    }

    [Test]
    public async Task Json_that_repeats_a_name_is_told_without_advice_that_nobody_can_follow()
    {
        Assert.That(await FailAsync(Write("twice.ndjson", "{\"a\": 1}\n{\"a\": 1, \"b\": 2, \"a\": 3}\n")), Is.EqualTo(
            "data_invalid: Invalid Input Error: JSON transform error, in line 2: "
            + "Object {\"a\":1,\"b\":2,\"a\":3} has duplicate key \"a\""));
    }

    [TestCase("a.json", "{\"a\": 1")]
    [TestCase("a.ndjson", "{\"a\": 1}\n{\"a\": \n")]
    [TestCase("a.json", "nonsense")]
    public async Task Json_that_is_broken_is_told(string name, string content)
    {
        Assert.That(await FailAsync(Write(name, content)), Does.StartWith("data_invalid: "));
    }

    [TestCase("a.json", "[1, 2]", "integer [[1],[2]]")]
    [TestCase("a.json", "{\"a\": 1}", "integer [[1]]")]
    [TestCase("a.json", "{\"a\": [1, 2]}", "json [[[1,2]]]")]
    [TestCase("a.ndjson", "{\"a\": 1}\n\n{\"b\": 2}\n", "integer integer [[1,null],[null,2]]")]
    [TestCase("a.ndjson", "{\"a b\": \"x\\ny\"}\r\n{\"a b\": null}\r\n", "text [[\"x\\ny\"],[null]]")]
    public async Task Json_of_any_shape_is_a_table(string name, string content, string expected)
    {
        Assert.That(await ReadAsync(Write(name, content)), Is.EqualTo(expected));
    }

    [Test]
    public async Task A_json_array_without_rows_is_a_table_without_rows()
    {
        Assert.That(await ReadAsync(Write("none.json", "[]")), Does.EndWith(" []"));
    }

    private async Task<string> ParquetAsync()
    {
        var path = NewPath("whole.parquet");
        await using var database = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = $"copy (select i, i * 2 as j from range(1000) as r (i)) to '{path}' (format parquet)";
        await command.ExecuteNonQueryAsync();
        return path;
    }
}
