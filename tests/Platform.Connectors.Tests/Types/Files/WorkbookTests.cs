using MiniExcelLibs;

namespace Platform.Connectors.Tests.Types.Files;

public sealed class WorkbookTests : FileTest
{
    [Test]
    public async Task Reads_the_first_sheet_or_the_one_that_is_named_or_numbered()
    {
        var path = await SaveAsync(new Dictionary<string, object>
        {
            ["People"] = Table(["id", "name"], [1, "Ann"]),
            ["Jahr 2026"] = Table(["total"], [1.5], [2]),
        });

        Assert.That(await ReadAsync(path), Is.EqualTo("""integer text [[1,"Ann"]]"""));
        Assert.That(await ReadAsync(path, """{"sheet": "jahr 2026"}"""), Is.EqualTo("double [[1.5],[2]]"));
        Assert.That(await ReadAsync(path, """{"sheet": 2}"""), Is.EqualTo("double [[1.5],[2]]"));
        Assert.That(await FailAsync(path, """{"sheet": 3}"""), Is.EqualTo(
            "invalid_config: The workbook has no sheet number 3. Its sheets are: People, Jahr 2026."));
        Assert.That(await FailAsync(path, """{"sheet": "Orders"}"""), Is.EqualTo(
            "invalid_config: The workbook has no sheet \"Orders\". Its sheets are: People, Jahr 2026."));
    }

    [Test]
    public async Task Finds_the_header_below_titles_and_takes_the_row_that_is_set()
    {
        var path = await SaveAsync(Table(
            ["Sales", null], [null, null], ["day", "total"], [new DateTime(2026, 1, 31), 5], [new DateTime(2026, 2, 1), 6]));

        Assert.That(await NamesAsync(path), Is.EqualTo("day|total"));
        Assert.That(await ReadAsync(path), Is.EqualTo("""date integer [["2026-01-31",5],["2026-02-01",6]]"""));
        Assert.That(await NotesAsync(path), Is.EqualTo(
            ["Above the header 1 title was left out; if that is part of the table, set header_row."]));
        Assert.That(await NamesAsync(path, """{"header_row": 1}"""), Is.EqualTo("Sales|B"));
        Assert.That(await ReadAsync(path, """{"header_row": 4}"""), Is.EqualTo("""date integer [["2026-02-01",6]]"""));
        Assert.That(await FailAsync(path, """{"header_row": 9}"""), Does.StartWith("data_invalid: The sheet \"Sheet1\" has no rows"));
    }

    [Test]
    public async Task Reads_a_sheet_without_a_header()
    {
        var path = await SaveAsync(Table([1, "x"], [2, "y"]));

        Assert.That(await NamesAsync(path, """{"header": false}"""), Is.EqualTo("A|B"));
        Assert.That(await ReadAsync(path, """{"header": false}"""), Is.EqualTo("""integer text [[1,"x"],[2,"y"]]"""));
    }

    [Test]
    public async Task Gives_a_column_the_type_that_is_set_and_names_the_row_of_what_does_not_fit()
    {
        var path = await SaveAsync(Table(["zip", "n", "day"], ["01234", "7", "31.01.2026"], [80331, 8, "01.02.2026"]));

        Assert.That(
            await ReadAsync(path, """{"columns": {"zip": "text", "n": "integer", "day": "date"}, "date_format": "%d.%m.%Y"}"""),
            Is.EqualTo("""text integer date [["01234",7,"2026-01-31"],["80331",8,"2026-02-01"]]"""));
        Assert.That(await FailAsync(path, """{"columns": {"day": "integer"}}"""), Is.EqualTo(
            "data_invalid: Row 2, column \"day\": \"31.01.2026\" is no integer, which columns asks for. "
            + "Of the column 2 cells do not fit."));
    }

    [Test]
    public async Task Errors_of_the_workbook_are_null_where_the_column_is_no_text_and_are_counted()
    {
        var path = await SaveAsync(Table(["n", "note"], [1, "x"], ["#DIV/0!", "#N/A"], [3, "y"]));

        Assert.That(await ReadAsync(path), Is.EqualTo("""integer text [[1,"x"],[null,"#N/A"],[3,"y"]]"""));
        Assert.That(await NotesAsync(path), Is.EqualTo(
            ["1 row had an error such as #DIV/0!, which is null where the column is no text; the first is row 3."]));
    }

    [Test]
    public async Task Says_that_a_workbook_is_none()
    {
        const string Expected = "data_invalid: The file is no XLSX workbook, or it is damaged.";

        Assert.That(await FailAsync(Write("a.xlsx", [0x50, 0x4B, 3, 4, 1, 2, 3])), Is.EqualTo(Expected));
        Assert.That(await FailAsync(Write("a.xlsx", "a,b\n1,2\n")), Is.EqualTo(Expected));
    }

    [Test]
    public async Task Says_that_a_workbook_is_cut_off()
    {
        var bytes = await File.ReadAllBytesAsync(await SaveAsync(Table(["n"], [1], [2])));

        Assert.That(
            await FailAsync(Write("cut.xlsx", bytes[..(bytes.Length / 2)])),
            Is.EqualTo("data_invalid: The file is no XLSX workbook, or it is damaged."));
    }

    [Test]
    public async Task Says_that_a_sheet_is_empty()
    {
        var path = await SaveAsync(new List<Dictionary<string, object?>>());

        Assert.That(await FailAsync(path), Does.StartWith("data_invalid: The sheet \"Sheet1\" has no rows"));
    }

    private async Task<string> SaveAsync(object sheets)
    {
        var path = NewPath("book.xlsx");
        await MiniExcel.SaveAsAsync(path, sheets, printHeader: false);
        return path;
    }

    private static List<Dictionary<string, object?>> Table(params object?[][] rows) =>
        [.. rows.Select(row => row.Select((cell, at) => (Key: $"c{at}", cell)).ToDictionary(cell => cell.Key, cell => cell.cell))];
}
