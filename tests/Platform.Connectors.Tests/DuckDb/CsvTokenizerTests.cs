using System.Text;
using Platform.Connectors.DuckDb.Files;

namespace Platform.Connectors.Tests.DuckDb;

public sealed class CsvTokenizerTests
{
    private static readonly string[] Pieces =
        ["", "a", "some text", "\"", "\"\"", "\\", "\\\"", ",", ";", "\n", "\r\n", "\r", " ", "é", "𝄞", "'", new('x', 3000)];

    [TestCase(',', '"', '"', "\n")]
    [TestCase(';', '"', '\\', "\r\n")]
    [TestCase('\t', '\'', '\'', "\r")]
    public void Reads_what_was_written_wherever_the_pieces_of_the_file_end(char delimiter, char quote, char escape, string lineEnd)
    {
        var random = new Random(42);
        var rows = Enumerable.Range(0, 5000).Select(_ => Enumerable.Range(0, 5).Select(_ => NewCell(random)).ToArray()).ToList();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendJoin(delimiter, row.Select(cell => Quoted(cell, quote, escape))).Append(lineEnd);
        }

        var tokenizer = new CsvTokenizer(
            new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), new CsvDialect((byte)delimiter, (byte)quote, (byte)escape));
        foreach (var row in rows)
        {
            Assert.That(tokenizer.Read());
            Assert.That(CellsOf(tokenizer), Is.EqualTo(row));
        }

        Assert.That(tokenizer.Read(), Is.False);
    }

    [Test]
    public void Counts_lines_as_an_editor_does()
    {
        var tokenizer = new CsvTokenizer(
            new MemoryStream("a\n\"b\nc\r\nd\"\r\ne\n\nf"u8.ToArray()), new CsvDialect((byte)',', (byte)'"', (byte)'"'));
        var lines = new List<long>();
        while (tokenizer.Read())
        {
            lines.Add(tokenizer.Line);
        }

        Assert.That(lines, Is.EqualTo([1, 2, 5, 6, 7]));
    }

    private static string NewCell(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    private static string Quoted(string cell, char quote, char escape)
    {
        var escaped = escape == quote ? cell : cell.Replace($"{escape}", $"{escape}{escape}", StringComparison.Ordinal);
        return $"{quote}{escaped.Replace($"{quote}", $"{escape}{quote}", StringComparison.Ordinal)}{quote}";
    }

    private static List<string> CellsOf(CsvTokenizer tokenizer)
    {
        var cells = new List<string>();
        for (var ordinal = 0; ordinal < tokenizer.Count; ordinal++)
        {
            cells.Add(Encoding.UTF8.GetString(tokenizer[ordinal]));
        }

        return cells;
    }
}
