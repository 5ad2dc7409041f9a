using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Tests.Http;

public sealed class CursorsTests
{
    private static readonly Cursors Ours = Make(1);

    [Test]
    public void Gives_back_the_id_of_the_last_item_shown()
    {
        var ids = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList();

        var page = Ours.ToPage("things", ids, new PageRequest(2, null), id => id);

        Assert.That(page.Items, Is.EqualTo(ids.Take(2)));
        Assert.That(Ours.Decode("things", page.NextCursor), Is.EqualTo(ids[1]));
    }

    [Test]
    public void Has_no_cursor_after_the_last_page() =>
        Assert.That(Ours.ToPage("things", [Guid.CreateVersion7()], new PageRequest(2, null), id => id).NextCursor, Is.Null);

    [Test]
    public void Refuses_a_cursor_of_another_list_and_of_another_key()
    {
        var cursor = Cursor();

        Assert.That(() => Ours.Decode("others", cursor), Throws.InstanceOf<CursorException>());
        Assert.That(() => Make(2).Decode("things", cursor), Throws.InstanceOf<CursorException>());
    }

    [Test]
    public void Refuses_a_cursor_with_any_changed_character()
    {
        var cursor = Cursor();

        // The last character holds bits that are padding.
        for (var index = 0; index < cursor.Length - 1; index++)
        {
            var changed = cursor[..index] + (cursor[index] == 'A' ? 'B' : 'A') + cursor[(index + 1)..];
            Assert.That(() => Ours.Decode("things", changed), Throws.InstanceOf<CursorException>(), changed);
        }
    }

    [TestCase("x")]
    [TestCase("%%%")]
    [TestCase("AAAA")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Refuses_what_is_no_cursor(string cursor) => Assert.That(() => Ours.Decode("things", cursor), Throws.InstanceOf<CursorException>());

    private static string Cursor() =>
        Ours.ToPage("things", [Guid.CreateVersion7(), Guid.CreateVersion7()], new PageRequest(1, null), id => id).NextCursor!;

    private static Cursors Make(byte key) => new(new MasterKeyRing(Options.Create(new EncryptionOptions
    {
        MasterKeys = $"only:{Convert.ToBase64String([.. Enumerable.Repeat(key, 32)])}",
    })));
}
