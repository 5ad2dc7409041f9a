using System.Text;
using Platform.Connectors.Types;
using Platform.Connectors.Types.Postgres;

namespace Platform.Connectors.Tests.Types;

public sealed class CopiedRowsTests
{
    private const string Text = "1,plain\n\"a \"\",\"\" b\nc\",\"x\"\"\ny\",z\n3,\"\"\n";

    [Test]
    public async Task Cuts_behind_whole_rows_wherever_the_pieces_end([Range(1, 40, 3)] int piece)
    {
        var rows = new CopiedRows(16, 1000);
        var (text, marks, count) = (new StringBuilder(), new List<string>(), 0);
        using var source = new Pieces(Encoding.UTF8.GetBytes(Text), piece);
        while (await rows.ReadAsync(source, default))
        {
            if (rows.IsFull)
            {
                Take();
            }
        }

        Take();
        Assert.That(text.ToString(), Is.EqualTo(Text));
        Assert.That(count, Is.EqualTo(3));
        Assert.That(marks[^1], Is.EqualTo("3"));

        void Take()
        {
            if (rows.Count > 0)
            {
                marks.Add(rows.ReadMark());
                text.Append(Encoding.UTF8.GetString(rows.Rows.Span));
                count += rows.Count;
            }

            rows.TakeRows();
        }
    }

    [Test]
    public async Task Reads_a_mark_with_quotes_and_commas()
    {
        var rows = new CopiedRows(100, 1000);
        using var source = new MemoryStream(Encoding.UTF8.GetBytes("\"a \"\",\"\" b\nc\",\"x\",\"y\"\n"));

        await rows.ReadAsync(source, default);

        Assert.That(rows.ReadMark(), Is.EqualTo("a \",\" b\nc"));
    }

    [Test]
    public void Refuses_a_row_without_end()
    {
        var rows = new CopiedRows(16, 100);
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 500)));

        Assert.That(
            async () =>
            {
                while (await rows.ReadAsync(source, default))
                {
                }
            },
            Throws.TypeOf<SourceException>().With.Property("Code").EqualTo("query_too_large"));
    }

    [Test]
    public async Task Replaces_what_is_no_utf8()
    {
        var rows = new CopiedRows(100, 1000);
        using var source = new MemoryStream([(byte)'0', (byte)',', 0xE4, (byte)'\n']);

        await rows.ReadAsync(source, default);

        Assert.That(Encoding.UTF8.GetString(rows.ValidRows().Span), Is.EqualTo("0,\uFFFD\n"));
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
