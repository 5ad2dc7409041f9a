using Microsoft.Extensions.Options;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Encryption;

namespace Platform.SharedKernel.Infrastructure.Tests.Encryption;

public sealed class EnvelopeCipherTests
{
    private const string Place = "connector:1:password";
    private static readonly string First = $"first:{Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)])}";
    private static readonly string Second = $"second:{Convert.ToBase64String([.. Enumerable.Repeat((byte)2, 32)])}";

    [Test]
    public void Opens_what_it_sealed_and_never_seals_alike()
    {
        var cipher = Cipher(First);
        var key = cipher.CreateDataKey(Guid.CreateVersion7());

        var one = cipher.Encrypt(key, Place, "väl hemligt");
        var other = cipher.Encrypt(key, Place, "väl hemligt");

        Assert.That(one, Is.Not.EqualTo(other));
        Assert.That(cipher.Decrypt(key, Place, one), Is.EqualTo("väl hemligt"));
    }

    [Test]
    public void Opens_no_ciphertext_that_was_moved_to_another_place()
    {
        var cipher = Cipher(First);
        var key = cipher.CreateDataKey(Guid.CreateVersion7());
        var text = cipher.Encrypt(key, Place, "secret");

        Assert.That(() => cipher.Decrypt(key, "connector:2:password", text), Refused("secret_unreadable"));
    }

    [Test]
    public void Opens_no_ciphertext_of_another_person()
    {
        var cipher = Cipher(First);
        var alice = cipher.CreateDataKey(Guid.CreateVersion7());
        var bob = cipher.CreateDataKey(Guid.CreateVersion7());
        var text = cipher.Encrypt(alice, Place, "secret");

        Assert.That(() => cipher.Decrypt(bob, Place, text), Refused("secret_unreadable"));
        Assert.That(() => cipher.Decrypt(alice with { UserId = bob.UserId }, Place, text), Throws.Exception);
    }

    [Test]
    public void Opens_no_ciphertext_with_a_changed_byte()
    {
        var cipher = Cipher(First);
        var key = cipher.CreateDataKey(Guid.CreateVersion7());
        var bytes = Convert.FromBase64String(cipher.Encrypt(key, Place, "secret"));

        for (var index = 0; index < bytes.Length; index++)
        {
            var changed = (byte[])bytes.Clone();
            changed[index] ^= 1;
            Assert.That(() => cipher.Decrypt(key, Place, Convert.ToBase64String(changed)), Refused("secret_unreadable"));
        }
    }

    [Test]
    public void An_old_master_key_still_unwraps_and_the_newest_wraps()
    {
        var old = Cipher(First);
        var key = old.CreateDataKey(Guid.CreateVersion7());
        var text = old.Encrypt(key, Place, "secret");

        var rotated = Cipher($"{Second},{First}");

        Assert.That(rotated.Decrypt(key, Place, text), Is.EqualTo("secret"));
        Assert.That(rotated.CreateDataKey(key.UserId).MasterKeyId, Is.EqualTo("second"));
    }

    [Test]
    public void A_missing_master_key_is_named()
    {
        var key = Cipher(First).CreateDataKey(Guid.CreateVersion7());

        Assert.That(() => Cipher(Second).Encrypt(key, Place, "secret"), Refused("master_key_missing").And.Message.Contains("'first'"));
    }

    [Test]
    public void A_wrong_master_key_is_named()
    {
        var key = Cipher(First).CreateDataKey(Guid.CreateVersion7());
        var wrong = Cipher($"first:{Convert.ToBase64String(new byte[32])}");

        Assert.That(() => wrong.Encrypt(key, Place, "secret"), Refused("master_key_wrong").And.Message.Contains("'first'"));
        Assert.That(
            new[] { Cipher(First), wrong, Cipher(Second) }.Select(cipher => cipher.StateOf(key)), Is.EqualTo(["usable", "wrong", "missing"]));
    }

    [Test]
    public void A_rewrapped_key_opens_what_it_has_sealed_without_the_old_master_key()
    {
        var key = Cipher(First).CreateDataKey(Guid.CreateVersion7());
        var text = Cipher(First).Encrypt(key, Place, "secret");

        var rewrapped = Cipher($"{Second},{First}").Rewrap(key);

        Assert.That(rewrapped.MasterKeyId, Is.EqualTo("second"));
        Assert.That(Cipher(Second).Decrypt(rewrapped, Place, text), Is.EqualTo("secret"));
    }

    [TestCase("")]
    [TestCase("no-key")]
    [TestCase("short:AQID")]
    public void Refuses_keys_that_are_none(string keys) => Assert.That(() => Cipher(keys), Throws.InvalidOperationException);

    private static NUnit.Framework.Constraints.EqualStringConstraint Refused(string code) =>
        Throws.InstanceOf<ConflictException>().With.Property(nameof(ConflictException.Code)).EqualTo(code);

    private static EnvelopeCipher Cipher(string keys) => new(new MasterKeyRing(Options.Create(new EncryptionOptions { MasterKeys = keys })));
}
