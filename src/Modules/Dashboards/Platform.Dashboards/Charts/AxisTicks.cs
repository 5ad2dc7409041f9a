using System.Globalization;

namespace Platform.Dashboards.Charts;

/// <summary>A mark of an axis.</summary>
internal readonly record struct AxisTick(double Value, string Label);

/// <summary>The range of an axis and its marks.</summary>
internal sealed record AxisTicks(double Low, double High, IReadOnlyList<AxisTick> Marks)
{
    private static readonly (double Days, string Format)[] TimeSteps =
    [
        (1 / 1440.0, "HH:mm"), (5 / 1440.0, "HH:mm"), (15 / 1440.0, "HH:mm"), (30 / 1440.0, "HH:mm"), (1 / 24.0, "HH:mm"), (3 / 24.0, "d MMM HH:mm"),
        (6 / 24.0, "d MMM HH:mm"), (12 / 24.0, "d MMM HH:mm"), (1, "d MMM"), (2, "d MMM"), (7, "d MMM"), (14, "d MMM"),
    ];

    private static readonly int[] MonthSteps = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

    /// <summary>Round marks for numbers; the range reaches from mark to mark.</summary>
    /// <param name="values">All values; others than finite ones do not count.</param>
    /// <param name="withZero">Whether zero belongs to the range.</param>
    /// <param name="most">The most steps.</param>
    /// <param name="label">Writes a mark.</param>
    public static AxisTicks Numbers(IEnumerable<double> values, bool withZero, int most, Func<double, string> label)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        if (withZero)
        {
            (low, high) = (Math.Min(low, 0), Math.Max(high, 0));
        }

        if (high - low <= Math.Abs(high) * 1e-12)
        {
            // One value has no range of its own.
            var around = high == 0 ? 1 : Math.Abs(high) * 0.5;
            (low, high) = withZero ? (Math.Min(low, 0), Math.Max(high, high == 0 ? 1 : 0)) : (low - around, high + around);
        }

        var step = StepOf((high - low) / Math.Max(1, most));
        var (first, last) = ((long)Math.Floor(low / step + 1e-9), (long)Math.Ceiling(high / step - 1e-9));
        // 3 * 0.1 is not 0.3; a step beyond what rounding knows stays as it is.
        var decimals = Math.Max((int)-Math.Floor(Math.Log10(step)) + 1, 0);
        var marks = Enumerable.Range(0, (int)(last - first) + 1).Select(index => (first + index) * step)
            .Select(value => decimals > 15 ? value : Math.Round(value, decimals))
            .Select(value => new AxisTick(value, label(value))).ToList();
        return new AxisTicks(marks[0].Value, marks[^1].Value, marks);
    }

    /// <summary>Marks for days since 1970, at round times.</summary>
    public static AxisTicks Times(IEnumerable<double> values, int most)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        if (high - low < 1 / 86400.0)
        {
            (low, high) = (low - 0.5, high + 0.5);
        }

        // Between days there is nothing where all values are days.
        var wanted = Math.Max((high - low) / Math.Max(1, most), finite.TrueForAll(double.IsInteger) ? 1 : 0);
        if (Array.Find(TimeSteps, step => step.Days >= wanted) is { Format: { } format } found)
        {
            var first = (long)Math.Ceiling(low / found.Days - 1e-9);
            var count = (int)(Math.Floor(high / found.Days + 1e-9) - first) + 1;
            return new AxisTicks(low, high, [.. Enumerable.Range(0, Math.Max(0, count)).Select(index => (first + index) * found.Days).Select(
                days => new AxisTick(days, TimeAt(days).AddMilliseconds(1).ToString(format, CultureInfo.InvariantCulture)))]);
        }

        return new AxisTicks(low, high, [.. Months(low, high, wanted)]);
    }

    private static IEnumerable<AxisTick> Months(double low, double high, double wanted)
    {
        var step = Array.Find(MonthSteps, months => months * 30.4 >= wanted) is > 0 and var found ? found : MonthSteps[^1];
        var format = step >= 12 ? "yyyy" : "MMM yyyy";
        var from = TimeAt(low);
        var month = (from.Year * 12 + from.Month - 1) / step * step;
        for (; month < 9999 * 12; month += step)
        {
            var time = new DateTime(Math.Max(1, month / 12), month % 12 + 1, 1, 0, 0, 0, DateTimeKind.Utc);
            var days = (time - DateTime.UnixEpoch).TotalDays;
            if (days > high)
            {
                yield break;
            }

            if (days >= low)
            {
                yield return new AxisTick(days, time.ToString(format, CultureInfo.InvariantCulture));
            }
        }
    }

    private static DateTime TimeAt(double days) => DateTime.UnixEpoch.AddDays(days);

    private static double StepOf(double wanted)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(wanted)));
        return (wanted / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 2.5 => 2.5 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
