using System.Text.Json;
using Platform.Chat.Generation;

namespace Platform.Chat.Tests.Generation;

public sealed class StorableJsonTests
{
    [TestCase("""["a\u0000b"]""", """["ab"]""")]
    [TestCase("""["\u0000\u0000"]""", """[""]""")]
    [TestCase("""["a\\u0000b"]""", """["a\\u0000b"]""")]
    [TestCase("""["a\\\u0000b"]""", """["a\\b"]""")]
    public void Leaves_zero_characters_out(string document, string expected) =>
        Assert.That(StorableJson.Document(JsonSerializer.Deserialize<JsonElement>(document))?.GetRawText(), Is.EqualTo(expected));

    [Test]
    public void Keeps_no_document_that_is_too_large() =>
        Assert.That(StorableJson.Document(JsonSerializer.SerializeToElement(new string('a', 200_000))), Is.Null);
}
