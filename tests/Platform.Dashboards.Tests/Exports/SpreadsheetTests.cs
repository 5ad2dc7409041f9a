using System.Text;
using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Exports;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Tests.Exports;

/// <summary>What a spreadsheet makes of the files: LibreOffice reads them.</summary>
public sealed class SpreadsheetTests
{
    [Test]
    public async Task A_workbook_holds_numbers_days_times_and_truths_and_runs_no_text()
    {
        var book = await BookAsync(new XlsxSheet("Orders", Result(
            ["n:integer", "price:decimal", "ratio:double", "ok:boolean", "day:date", "at:timestamptz", "name:text", "more:json"],
            [
                [1, "12.50", 0.25, true, "2026-11-26", "2026-11-26T21:30:05Z", "=1+1", new { a = 1 }],
                [12345678901234567L, "0.1234567890123456789", 1e300, false, "1850-01-01", null, "+SUM(A1)", null],
                [null, "-3", -0.5, null, null, null, "two\tparts", new[] { 1 }],
            ])));

        var shown = await Calc.ReadAsync(book, "xlsx");
        var formulas = await Calc.ReadAsync(book, "xlsx", formulas: true);

        Assert.That(shown[0], Is.EqualTo("\"n\",\"price\",\"ratio\",\"ok\",\"day\",\"at\",\"name\",\"more\""));
        Assert.That(shown[1], Is.EqualTo("1,12.5,0.25,TRUE,2026-11-26,2026-11-26 21:30:05,\"=1+1\",\"{\"\"a\"\":1}\""), "text alone is in quotes");
        Assert.That(shown[2], Is.EqualTo("\"12345678901234567\",0.123456789012346,1E+300,FALSE,\"1850-01-01\",,\"+SUM(A1)\","), "no digit of a long number is lost");
        Assert.That(shown[3], Is.EqualTo(",-3,-0.5,,,,\"two\tparts\",\"[1]\""));
        Assert.That(formulas[1], Does.Contain("\"=1+1\""), "no cell is a formula");
    }

    [Test]
    public async Task A_csv_file_is_the_same_table_and_nothing_in_it_is_a_formula()
    {
        using var stream = new MemoryStream();
        var result = Result(["name:text", "n:integer"], [["=1+1", 1], ["+1+1", -2], ["@SUM(1)", 3], ["\t=1+1", 4], ["a;=1+1", 5], ["-5", 6], ["plain, with \"quotes\"", 7]]);
        await CsvWriter.WriteAsync(stream, result.Columns.Select(column => column.Name), result.Rows, CancellationToken.None);

        var shown = await Calc.ReadAsync(stream.ToArray(), "csv");

        Assert.That(shown, Is.EqualTo(new[]
        {
            "\"name\",\"n\"", "\"'=1+1\",1", "\"'+1+1\",-2", "\"'@SUM(1)\",3", "\"'\t=1+1\",4", "\"a;=1+1\",5", "-5,6", "\"plain, with \"\"quotes\"\"\",7",
        }));
    }

    [Test]
    public async Task Names_of_sheets_follow_their_rules_and_every_sheet_opens()
    {
        var titles = new[] { "Q1/Q2: [all]*?", "'quoted'", "history", new string('x', 40), new string('x', 50), "", "SALES", "Sales" };
        var names = new SheetNames();
        var taken = titles.Select(names.Take).ToList();
        var book = await BookAsync([.. titles.Select((title, index) => new XlsxSheet(title, Result(["n:integer"], [[index]])))]);

        Assert.That(taken, Is.EqualTo(new[]
        {
            "Q1 Q2   all", "quoted", "history (2)", new string('x', 31), new string('x', 27) + " (2)", "Sheet", "SALES", "Sales (2)",
        }));
        Assert.That(await Calc.ReadAsync(book, "xlsx", titles.Length), Is.EqualTo(new[] { "\"n\"", "7" }));
    }

    [Test]
    public void More_rows_than_a_sheet_holds_are_refused_before_anything_is_written()
    {
        var refused = Assert.Throws<RuleViolationException>(() => XlsxWriter.Check(Result(["n:integer"], []) with { RowCount = 1_048_576 }));

        Assert.That(refused!.Code, Is.EqualTo("export_too_large"));
        Assert.DoesNotThrow(() => XlsxWriter.Check(Result(["n:integer"], []) with { RowCount = 1_048_575 }));
    }

    [Test]
    public async Task Text_that_xml_cannot_hold_is_marked_and_text_that_a_cell_cannot_hold_is_cut()
    {
        var book = await BookAsync(new XlsxSheet("x", Result(["text:text"], [["a\u0001b"], [new string('y', 40_000)]])));

        var shown = await Calc.ReadAsync(book, "xlsx");

        Assert.That(shown[1], Is.EqualTo("\"a\uFFFDb\""));
        Assert.That(shown[2], Is.EqualTo($"\"{new string('y', 32_766)}…\""));
    }

    private static async Task<byte[]> BookAsync(params XlsxSheet[] sheets)
    {
        using var stream = new MemoryStream();
        await XlsxWriter.WriteAsync(stream, sheets, CancellationToken.None);
        return stream.ToArray();
    }

    private static QueryResult Result(string[] columns, object?[][] rows) => new(
        [.. columns.Select(column => new ResultColumn(column.Split(':')[0], column.Split(':')[1]))],
        JsonSerializer.SerializeToElement(rows), rows.Length, false, 1, DateTimeOffset.UnixEpoch, Encoding.UTF8.EncodingName);
}
