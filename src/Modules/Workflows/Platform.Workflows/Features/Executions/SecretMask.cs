using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Platform.Workflows.Features.Executions;

/// <summary>Hides secrets in what is read of an execution: the values of members that are named as secrets are, and secrets within texts.</summary>
internal static partial class SecretMask
{
    /// <summary>What stands for a secret.</summary>
    public const string Hidden = "********";

    /// <summary>The document without its secrets.</summary>
    public static JsonElement Apply(JsonElement document) => JsonSerializer.SerializeToElement(Mask(JsonSerializer.SerializeToNode(document)));

    /// <summary>The document without its secrets, or null.</summary>
    public static JsonElement? Apply(JsonElement? document) => document is { } given ? Apply(given) : null;

    private static JsonNode? Mask(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(
            member.Key, IsSecret(member.Key) && IsHideable(member.Value) ? Hidden : Mask(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Mask)]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(Secret().Replace(text, Hidden)),
        _ => node?.DeepClone(),
    };

    // An expression tells nothing, and an empty value hides nothing.
    private static bool IsHideable(JsonNode? value) =>
        value is not null && !(value is JsonValue text && text.TryGetValue<string>(out var given) && (given.Length == 0 || Expression().IsMatch(given)));

    private static bool IsSecret(string name) => Name().IsMatch(name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal));

    [GeneratedRegex(
        "^(proxy)?authorization$|^(set)?cookie$|^passw(or)?d$|^passphrase$|^(access|refresh|id|auth|bearer)?token$|^(client|webhook|signing)?secret$|^x?apikey$|^privatekey$|password$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Name();

    [GeneratedRegex(@"whsec_[A-Za-z0-9+/=]{16,}|(?<=\bBearer )[A-Za-z0-9._~+/=-]{16,}")]
    private static partial Regex Secret();

    [GeneratedRegex(@"^\s*\{\{(?:(?!\}\}).)*\}\}\s*$", RegexOptions.Singleline)]
    private static partial Regex Expression();
}
