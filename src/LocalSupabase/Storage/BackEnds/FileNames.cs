using System.Globalization;

namespace Platform.LocalSupabase.Storage.BackEnds;

/// <summary>
/// How files are named: by their version, in 256 parts by its last two digits. Those are random; the first ones are the time.
/// </summary>
internal static class FileNames
{
    public static IEnumerable<string> Parts { get; } =
        [.. Enumerable.Range(0, 256).Select(part => part.ToString("x2", CultureInfo.InvariantCulture))];

    public static string Of(Guid version) => version.ToString("N");

    public static string PartOf(Guid version) => Of(version)[^2..];
}
