using System.Text.Json;

namespace Platform.SharedKernel.Json;

/// <summary>JSON can write halves of surrogate pairs, which are no text anywhere else: to read one throws.</summary>
public static class UnicodeJson
{
    /// <summary>What to say of such a document.</summary>
    public const string Fault = "A text holds half of a surrogate pair, which is no character.";

    /// <summary>Whether every text and every member's name of a document is Unicode.</summary>
    /// <param name="document">The document; there is no fault in none.</param>
    /// <returns>False if it holds half of a surrogate pair.</returns>
    public static bool IsUnicode(JsonElement? document) => document is not { } value || IsUnicode(value);

    private static bool IsUnicode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => CanRead(() => value.GetString()),
        JsonValueKind.Array => value.EnumerateArray().All(IsUnicode),
        JsonValueKind.Object => value.EnumerateObject().All(member => CanRead(() => member.Name) && IsUnicode(member.Value)),
        _ => true,
    };

    private static bool CanRead(Func<string?> read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
