namespace Platform.Connectors.Tests.Types.Files;

public sealed class RaggedFileTests : FileTest
{
    private const string Short = "a,b,c\n1,2,3\n4,5\n6\n7,8,9\n";
    private const string Long = "a,b,c\n1,2,3\n4,5,6\n7,8,9,10\n";

    [Test]
    public async Task Cells_that_are_missing_are_null_and_counted()
    {
        var path = Write("short.csv", Short);

        Assert.That(await ReadAsync(path), Is.EqualTo("integer integer integer [[1,2,3],[4,5,null],[6,null,null],[7,8,9]]"));
        Assert.That(await NotesAsync(path), Is.EqualTo(["2 rows had too few cells; what is missing is null; the first is line 3."]));
        Assert.That((await Connector.TestAsync(Of(path), default)).Detail, Does.EndWith(
            "header in line 1). 2 rows had too few cells; what is missing is null; the first is line 3."));
    }

    [Test]
    public async Task A_cell_too_many_is_an_error_that_names_the_line()
    {
        Assert.That(await FailAsync(Write("long.csv", Long)), Is.EqualTo(
            "data_invalid: Line 4 has 4 cells, the table has 3 columns. "
            + "Correct it, or set ragged to widen, cut or skip; perhaps the delimiter or the quote is another."));
    }

    [Test]
    public async Task Counts_lines_behind_cells_of_several_lines()
    {
        var path = Write("lines.csv", "Title\n\na,b\n\"x\ny\",1\r\n\"p\r\nq\r\n\",2\nz,3\nu,v,4\n");

        var failure = await FailAsync(path, """{"skip_lines": 2}""");

        Assert.That(failure, Does.StartWith("data_invalid: Line 10 has 3 cells, the table has 2 columns."));
    }

    [TestCase("error", Short, null, "data_invalid: Line 3 has 2 cells, the table has 3 columns. Correct it, or set ragged to pad or skip.")]
    [TestCase(
        "cut", Long, "integer integer integer [[1,2,3],[4,5,6],[7,8,9]]",
        "1 row had too many cells, which were left out; the first is line 4.")]
    [TestCase(
        "skip", Long, "integer integer integer [[1,2,3],[4,5,6]]",
        "1 row had too few cells or too many and were left out; the first is line 4.")]
    [TestCase(
        "skip", Short, "integer integer integer [[1,2,3],[7,8,9]]",
        "2 rows had too few cells or too many and were left out; the first is line 3.")]
    [TestCase(
        "widen", Long, "integer integer integer integer [[1,2,3,null],[4,5,6,null],[7,8,9,10]]",
        "2 rows had too few cells; what is missing is null; the first is line 2.")]
    public async Task Does_what_is_chosen(string ragged, string content, string? rows, string told)
    {
        var path = Write("ragged.csv", content);
        var config = $$"""{"ragged": "{{ragged}}"}""";

        Assert.That(rows is null ? null : await ReadAsync(path, config), Is.EqualTo(rows));
        Assert.That(rows is null ? [await FailAsync(path, config)] : await NotesAsync(path, config), Is.EqualTo([told]));
    }

    [Test]
    public async Task A_row_that_is_wide_far_behind_the_look_is_found()
    {
        var rows = string.Concat(Enumerable.Range(0, 300_000).Select(row => $"{row},x\n"));

        Assert.That(await FailAsync(Write("far.csv", $"a,b\n{rows}1,2,3\n")), Does.StartWith("data_invalid: Line 300002 has 3 cells"));
    }
}
