using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Platform.LocalSupabase.Rest;

/// <summary>What the <c>Prefer</c> and <c>Accept</c> headers ask for.</summary>
/// <param name="Representation">Whether the written rows are the answer.</param>
/// <param name="MergeDuplicates">True merges, false leaves, null refuses rows that are there already.</param>
/// <param name="MissingAsDefault">Whether a member that is missing takes the column's default rather than null.</param>
/// <param name="Count">exact, planned or estimated.</param>
/// <param name="MaxAffected">How many rows may be changed at most.</param>
/// <param name="Single">Whether exactly one row is wanted, as an object.</param>
internal sealed record Preferences(
    bool Representation, bool? MergeDuplicates, bool MissingAsDefault, string? Count, long? MaxAffected, bool Single)
{
    private const string Object = "application/vnd.pgrst.object";

    public static Preferences Read(IHeaderDictionary headers)
    {
        var wishes = Words(headers["Prefer"]);
        var accepted = Words(headers.Accept);
        string? Of(string name) => wishes.Find(wish => wish.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
        if (accepted.Count > 0 && !accepted.Exists(IsServed))
        {
            throw new RestException(406, "PGRST107", $"None of these media types are available: {string.Join(", ", accepted)}");
        }

        return new Preferences(
            Of("return") == "representation",
            Of("resolution") switch { "merge-duplicates" => true, "ignore-duplicates" => false, _ => null },
            Of("missing") == "default",
            Of("count") is "exact" or "planned" or "estimated" ? Of("count") : null,
            Of("handling") == "strict" && long.TryParse(Of("max-affected"), CultureInfo.InvariantCulture, out var most) ? most : null,
            accepted.Exists(type => type.StartsWith(Object, StringComparison.Ordinal)));
    }

    private static List<string> Words(StringValues values) =>
        [.. values.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries))];

    private static bool IsServed(string type) =>
        type.Length == 0 || type.StartsWith("*/*", StringComparison.Ordinal) || type.StartsWith("application/*", StringComparison.Ordinal)
        || (!type.Contains("nulls=stripped", StringComparison.Ordinal)
            && (type.StartsWith("application/json", StringComparison.Ordinal) || type.StartsWith(Object, StringComparison.Ordinal)));
}
