using System.Text;

namespace Platform.Connectors.Tests.Types.Files;

public sealed class DelimitedFileTests : FileTest
{
    [TestCase("a.csv", "id,name\n1,Ann\n2,Bob\n", "integer text [[1,\"Ann\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "id;name\n1;Ann, Mary\n2;Bob\n", "integer text [[1,\"Ann, Mary\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "id\tname\n1\tAnn\n2\tBob\n", "integer text [[1,\"Ann\"],[2,\"Bob\"]]")]
    [TestCase("a.txt", "id|name\r\n1|Ann\r\n2|Bob", "integer text [[1,\"Ann\"],[2,\"Bob\"]]")]
    [TestCase("a.tsv", "id\tname\n1\tAnn; or not, perhaps\n2\tBob\n", "integer text [[1,\"Ann; or not, perhaps\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "id,name\r1,Ann\r2,Bob\r", "integer text [[1,\"Ann\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "id,name\n1,\"Ann \"\"A\"\" Lee\"\n2,\"x\ny,z\"\n", "integer text [[1,\"Ann \\\"A\\\" Lee\"],[2,\"x\\ny,z\"]]")]
    [TestCase("a.csv", "id, name\n1, \"Ann, M\" \n2, Bob\n", "integer text [[1,\"Ann, M\"],[2,\" Bob\"]]")]
    [TestCase("a.csv", "id,name\n1,\"Ann \\\"A\\\" Lee\"\n2,\"Bob\"\n", "integer text [[1,\"Ann \\\"A\\\" Lee\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "id,name\n1,'Ann, M'\n2,'Bob'\n", "integer text [[1,\"Ann, M\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "id,size\n1,5\"\n2,7\" tall\n", "integer text [[1,\"5\\\"\"],[2,\"7\\\" tall\"]]")]
    [TestCase("a.csv", "id,name,\n1,Ann,\n2,Bob,\n", "integer text text [[1,\"Ann\",null],[2,\"Bob\",null]]")]
    [TestCase("a.csv", "id,name\n1,Ann,\n2,Bob,,\n", "integer text [[1,\"Ann\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "name\nAnn\nBob, the builder\n", "text [[\"Ann\"],[\"Bob, the builder\"]]")]
    [TestCase("a.csv", "sep=;\r\nid;name\r\n1;Ann\r\n2;Bob\r\n", "integer text [[1,\"Ann\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "id,name\n\n1,Ann\n\n\n2,Bob\n\n", "integer text [[1,\"Ann\"],[2,\"Bob\"]]")]
    [TestCase("a.csv", "\uFEFFid,name\n1,Ann", "integer text [[1,\"Ann\"]]")]
    [TestCase("a.csv", "1,2,3", "integer integer integer [[1,2,3]]")]
    [TestCase("a.csv", "x", "text []")]
    [TestCase("a.txt", "Once there was, they say, a king.\nHe had a horse.\nIt ran.\n", "text [[\"He had a horse.\"],[\"It ran.\"]]")]
    [TestCase("a.csv", "\"a \"\"b\"\"\",\"c;d\"\n1,2\n", "integer integer [[1,2]]")]
    [TestCase("a.csv", "n,when\n1,10:30\n2,\n,11:45\n", "integer time [[1,\"10:30:00\"],[2,null],[null,\"11:45:00\"]]")]
    [TestCase("a.csv", "a,b\n\"\",x\n\"\",\"\"\n", "text text [[null,\"x\"],[null,null]]")]
    [TestCase("a.csv", "a,b\n1,=SUM(A1)\n2,@x\n", "integer text [[1,\"=SUM(A1)\"],[2,\"@x\"]]")]
    public async Task Finds_the_dialect(string name, string content, string expected)
    {
        Assert.That(await ReadAsync(Write(name, content)), Is.EqualTo(expected));
    }

    [TestCase("""{"delimiter": ";"}""", "a,b;c\nx,5;2\n", "text integer [[\"x,5\",2]]")]
    [TestCase("""{"delimiter": ":", "quote": "'", "escape": "\\"}""", "a:b\n'x\\'y:':2\n", "text integer [[\"x'y:\",2]]")]
    [TestCase("""{"quote": ""}""", "a,b\n\"x,2\n", "text integer [[\"\\\"x\",2]]")]
    [TestCase("""{"header": false}""", "a,b\nx,y\n", "text text [[\"a\",\"b\"],[\"x\",\"y\"]]")]
    [TestCase("""{"header": true}""", "2019,2020\n1,2\n", "integer integer [[1,2]]")]
    [TestCase("""{"skip_lines": 1}""", "a,b\nc,d\n1,2\n", "integer integer [[1,2]]")]
    [TestCase("""{"skip_lines": 0}""", "Report\n\na,b\n1,2\n3,4\n5,6\n", null)]
    [TestCase("""{"null_values": ["none", "?"]}""", "a,b\n1,none\n?,NA\n", "integer text [[1,null],[null,\"NA\"]]")]
    [TestCase("""{"decimal_separator": ","}""", "a,b\n\"1.234,5\",x\n\"2,25\",y\n", "double text [[1234.5,\"x\"],[2.25,\"y\"]]")]
    [TestCase("""{"decimal_separator": "."}""", "a;b\n1,5;x\n2,25;y\n", "text text [[\"1,5\",\"x\"],[\"2,25\",\"y\"]]")]
    [TestCase("""{"date_format": "%m/%d/%Y"}""", "a\n01/02/2026\n03/04/2026\n", "date [[\"2026-01-02\"],[\"2026-03-04\"]]")]
    public async Task Goes_by_what_is_set(string config, string content, string? expected)
    {
        var path = Write("set.csv", content);
        if (expected is null)
        {
            Assert.That(await FailAsync(path, config), Does.StartWith("data_invalid: Line 3 has 2 cells, the table has 1 columns."));
            return;
        }

        Assert.That(await ReadAsync(path, config), Is.EqualTo(expected));
    }

    [Test]
    public async Task Reads_a_tab_as_set_by_the_format_tsv()
    {
        var path = Write("commas.dat", "a,b\tc\ny,5\tx\n");

        Assert.That(await ReadAsync(path, """{"format": "tsv"}"""), Is.EqualTo("text text [[\"y,5\",\"x\"]]"));
        Assert.That(await NamesAsync(path, """{"format": "tsv"}"""), Is.EqualTo("a,b|c"));
    }

    [Test]
    public async Task Finds_no_header_where_the_first_row_holds_values()
    {
        var path = Write("bare.csv", "1,x,2026-01-01\n2,y,2026-01-02\n");

        Assert.That(await NamesAsync(path), Is.EqualTo("column0|column1|column2"));
        Assert.That(await ReadAsync(path), Is.EqualTo("integer text date [[1,\"x\",\"2026-01-01\"],[2,\"y\",\"2026-01-02\"]]"));
    }

    [Test]
    public async Task Finds_a_decimal_comma_and_points_between_thousands()
    {
        var path = Write("german.csv", "Tag;Betrag;Menge\n31.12.2025;1.234,50;1.000\n01.01.2026;-7,25;12\n02.01.2026;;3\n");

        Assert.That(await ReadAsync(path), Is.EqualTo(
            "date double double [[\"2025-12-31\",1234.5,1000],[\"2026-01-01\",-7.25,12],[\"2026-01-02\",null,3]]"));
    }

    [Test]
    public async Task Passes_over_a_title_and_says_so()
    {
        var path = Write("report.csv", "Sales of 2026\nMade by Ann\n\nday,total\n2026-01-01,5\n2026-01-02,6\n2026-01-03,7\n");

        Assert.That(await ReadAsync(path), Is.EqualTo("date integer [[\"2026-01-01\",5],[\"2026-01-02\",6],[\"2026-01-03\",7]]"));
        Assert.That(await NotesAsync(path), Has.One.StartsWith("The first 3 lines are no part of the table and were left out"));
    }

    [Test]
    public async Task Tells_in_a_test_how_the_file_was_understood()
    {
        var result = await Connector.TestAsync(Of(Write("a.csv", "a;b\n1,5;x\n2,5;y\n")), default);

        Assert.That(result.Detail, Is.EqualTo(
            "The file can be read: 2 columns (csv, utf-8, delimiter ;, quote \", header in line 1, decimal comma)."));
    }

    [Test]
    public async Task Makes_names_distinct_and_says_so()
    {
        var path = Write("names.csv", "id,ID,,name\n1,2,3,x\n");

        Assert.That(await NamesAsync(path), Is.EqualTo("id|ID_2|column2|name"));
        Assert.That(await NotesAsync(path), Is.EqualTo(["Another column is called \"ID\" as well; this one is named \"ID_2\"."]));
    }

    [Test]
    public async Task Reads_all_the_same_in_queries_discovery_and_a_sync()
    {
        var settings = Of(Write("zip.csv", "zip,n\n01234,1\n8001,2,\n55,\n"), """{"columns": {"n": "text"}, "ragged": "cut"}""");

        var table = await Connector.OpenAsync(settings, default);
        var found = await Connector.DiscoverAsync(settings, null, default);
        var again = await Connector.OpenAsync(settings, default);

        Assert.That(again.Paths, Is.EqualTo(table.Paths));
        Assert.That(found.Single().Columns.Select(column => column.Type), Is.All.EqualTo("text"));
    }

    [Test]
    public async Task Is_another_table_when_it_is_read_in_another_way()
    {
        var path = Write("way.csv", "a;b\n1;2\n");

        Assert.That(await NamesAsync(path), Is.EqualTo("a|b"));
        Assert.That(await NamesAsync(path, """{"delimiter": ","}"""), Is.EqualTo("a;b"));
    }

    [TestCase("""{"format": "tsv", "delimiter": ","}""", "delimiter")]
    [TestCase("""{"format": "csv", "delimiter": "'", "quote": "'"}""", "quote")]
    [TestCase("""{"format": "csv", "delimiter": "\\", "escape": "\\"}""", "escape")]
    [TestCase("""{"format": "csv", "quote": "", "escape": "\\"}""", "escape")]
    [TestCase("""{"format": "csv", "sheet": "A"}""", "sheet")]
    [TestCase("""{"format": "csv", "header_row": 2}""", "header_row")]
    [TestCase("""{"format": "xlsx", "encoding": "utf-8"}""", "encoding")]
    [TestCase("""{"format": "xlsx", "delimiter": ","}""", "delimiter")]
    [TestCase("""{"format": "xlsx", "header": false, "header_row": 2}""", "header_row")]
    [TestCase("""{"format": "json", "header": true}""", "header")]
    [TestCase("""{"format": "json", "ragged": "skip"}""", "ragged")]
    [TestCase("""{"format": "parquet", "null_values": ["x"]}""", "null_values")]
    public void Refuses_settings_that_do_not_go_together(string config, string member)
    {
        const string Upload = """{"upload_id": "01900000-0000-7000-8000-000000000000", """;

        var faults = Connector.CheckConfig(System.Text.Json.JsonElement.Parse(Upload + config[1..]));

        Assert.That(faults.Keys, Is.EqualTo([member]));
    }

    [Test]
    public async Task Refuses_them_where_the_file_itself_says_its_format()
    {
        var failure = await FailAsync(Write("a.json", "[{\"a\": 1}]"), """{"delimiter": ","}""");

        Assert.That(failure, Is.EqualTo("invalid_config: delimiter: Is for csv and tsv alone; the file is json."));
    }

    [Test]
    public async Task Goes_by_the_content_where_the_name_says_nothing()
    {
        Assert.That(await ReadAsync(Write("upload", "{\"a\": 1}\n{\"a\": 2}\n")), Is.EqualTo("integer [[1],[2]]"));
        Assert.That(await ReadAsync(Write("upload", "a\tb\n1\t2\n")), Is.EqualTo("integer integer [[1,2]]"));
    }

    [Test]
    public async Task Reads_half_a_million_rows_without_holding_them()
    {
        var path = NewPath("many.csv");
        await using (var writer = new StreamWriter(path, append: false, Encoding.UTF8))
        {
            await writer.WriteLineAsync("id,price,day,note");
            for (var row = 0; row < 500_000; row++)
            {
                var line = FormattableString.Invariant($"{row},{row * 0.5},2026-01-{(row % 28) + 1:00},\"note, {row % 100}\"");
                await writer.WriteLineAsync(line);
            }
        }

        Assert.That(
            await ReadAsync(path, query: "select count(*), sum(id), max(price), max(day), count(distinct note) from data"),
            Is.EqualTo("integer integer double date integer [[500000,124999750000,249999.5,\"2026-01-28\",100]]"));
    }
}
