using System.Text.Json;

namespace Platform.Connectors.Sql;

/// <summary>What can be said of parameters before a statement is known.</summary>
internal static class ParameterTexts
{
    public const string Message = "A text holds half of a surrogate pair, which is no character.";

    /// <summary>Whether every text and name is Unicode: JSON can write halves of surrogate pairs, which no source can be given.</summary>
    public static bool AreUnicode(JsonElement? parameters) => parameters is not { } value || IsUnicode(value);

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
