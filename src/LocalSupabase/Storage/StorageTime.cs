using System.Globalization;

namespace Platform.LocalSupabase.Storage;

internal static class StorageTime
{
    /// <summary>Milliseconds and <c>Z</c>, as clients compare it.</summary>
    public static string? Format(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
