using Platform.Chat.Tools;

namespace Platform.Chat.Tests.Tools;

public sealed class MarkdownTableTests
{
    [Test]
    public void Shows_the_first_rows_and_keeps_cells_in_their_place()
    {
        var rows = Enumerable.Range(1, 30).Select(number => new[] { $"{number}", "a|b\nc" });

        var table = MarkdownTable.Of(["n", "text"], rows).Split('\n');

        Assert.That(table, Has.Length.EqualTo(22));
        Assert.That(table[0], Is.EqualTo("| n | text |"));
        Assert.That(table[2], Is.EqualTo(@"| 1 | a\|b c |"));
    }
}
