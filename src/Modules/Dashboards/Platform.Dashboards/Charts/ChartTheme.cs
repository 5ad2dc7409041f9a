using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>The colours of a picture.</summary>
internal sealed record ChartTheme(
    SKColor Page, SKColor Card, SKColor Border, SKColor Text, SKColor Muted, SKColor Grid, SKColor Bad, IReadOnlyList<SKColor> Series)
{
    public static readonly ChartTheme Light = new(
        SKColor.Parse("F4F6FA"), SKColors.White, SKColor.Parse("E2E8F0"), SKColor.Parse("0F172A"), SKColor.Parse("5B6B82"),
        SKColor.Parse("E9EEF4"), SKColor.Parse("C62828"),
        Colors("2563EB", "F59E0B", "0D9488", "8B5CF6", "E5484D", "0EA5E9", "DB2777", "65A30D", "EA580C", "64748B"));

    public static readonly ChartTheme Dark = new(
        SKColor.Parse("0B1220"), SKColor.Parse("131C2E"), SKColor.Parse("27344C"), SKColor.Parse("E8EDF6"), SKColor.Parse("97A6BD"),
        SKColor.Parse("223049"), SKColor.Parse("FF8A80"),
        Colors("60A5FA", "FBBF24", "2DD4BF", "A78BFA", "F87171", "38BDF8", "F472B6", "A3E635", "FB923C", "94A3B8"));

    public static ChartTheme Of(bool isDark) => isDark ? Dark : Light;

    public SKColor SeriesAt(int index) => Series[index % Series.Count];

    private static SKColor[] Colors(params string[] digits) => [.. digits.Select(SKColor.Parse)];
}
