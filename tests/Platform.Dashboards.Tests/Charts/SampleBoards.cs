using System.Text.Json;
using Platform.Connectors.Contracts.Queries;
using Platform.Dashboards.Charts;
using Platform.Dashboards.Domain;

namespace Platform.Dashboards.Tests.Charts;

/// <summary>Boards to draw: one as people make them, and one of what goes wrong.</summary>
internal static class SampleBoards
{
    private static readonly DateTimeOffset AsOf = new(2026, 11, 26, 21, 30, 0, TimeSpan.Zero);

    public static BoardPicture Sales => new("Sales of the year", "Orders of all regions, in euros; refreshed every five minutes", AsOf,
    [
        Widget("number", (0, 0, 6, 3), new { title = "Revenue", value = "revenue", compare = "before", unit = "€", number_format = "compact" },
            ["revenue:double", "before:double"], [[1_284_300.5, 1_190_000]]),
        Widget("number", (6, 0, 6, 3), new { title = "Orders" }, ["orders:integer"], [[18_442]]),
        Widget("number", (12, 0, 6, 3), new { title = "Returned", number_format = "percent", decimals = 1 }, ["share:double"], [[0.0341]]),
        Widget("number", (18, 0, 6, 3), new { title = "Last order" }, ["at:timestamptz"], [["2026-11-26T21:12:00Z"]]),
        Widget("line", (0, 3, 16, 7), new { title = "Revenue by month", unit = "€", series = "region" }, ["month:date", "region:text", "revenue:double"], Months()),
        Widget("pie", (16, 3, 8, 7), new { title = "Revenue by category", unit = "€" }, ["category:text", "revenue:decimal"],
            [["Furniture", "512300.10"], ["Office supplies", "344120.00"], ["Technology", "288000.40"], ["Services", "98000"], ["Other goods of all kinds", "41880"]]),
        Widget("bar", (0, 10, 8, 6), new { title = "Orders by weekday" }, ["day:text", "orders:integer"],
            [["Mon", 3200], ["Tue", 2980], ["Wed", 3110], ["Thu", 3405], ["Fri", 2890], ["Sat", 1650], ["Sun", 1207]]),
        Widget("area", (8, 10, 8, 6), new { title = "Visitors and buyers", x = "day" }, ["day:date", "visitors:integer", "buyers:integer"], Days()),
        Widget("scatter", (16, 10, 8, 6), new { title = "Discount against quantity", unit = "%", x = "quantity", y = "discount" },
            ["quantity:integer", "discount:double"], Points()),
        Widget("table", (0, 16, 16, 7), new { title = "Newest orders", unit = "€", decimals = 2 },
            ["order:text", "customer:text", "placed:timestamptz", "paid:boolean", "total:decimal"], Orders()),
        Widget("text", (16, 16, 8, 7), new { title = "How to read this", text = "## The short version\nRevenue is **net of returns**. It counts when an order is *paid*.\n\n- weekly figures close on Sunday\n- `discount` is in percent\n  1. of the list price\n  2. before tax\n\n> Ask [Finance](https://example.com) about anything older than two years." }),
    ]);

    public static BoardPicture Troubles => new("A name that is so long that it cannot stand in one line beside the time of its data, whatever the size of the sheet that it is drawn on may be", null, AsOf,
    [
        Widget("line", (0, 0, 8, 5), new { title = "One point" }, ["day:date", "value:integer"], [["2026-01-01", 42]]),
        Widget("line", (8, 0, 8, 5), new { title = "Gaps, NaN and null" }, ["n:integer", "value:double"],
            [[1, 3.5], [2, 4], [3, null], [4, "NaN"], [5, 2], [6, 2.5], [7, null], [8, 5], [9, null]]),
        Widget("bar", (16, 0, 8, 5), new { title = "No rows" }, ["name:text", "value:integer"], []),
        Widget("bar", (0, 5, 12, 7), new { title = "Long labels", unit = "h" }, ["name:text", "planned:double", "spent:double"],
            [.. Enumerable.Range(1, 14).Select(number => new object?[] { $"A project with a really long name, number {number}", number * 3.5 - 12, number % 5 == 0 ? null : number * 4.1 - 20 })]),
        Widget("pie", (12, 5, 12, 7), new { title = "Many shares, nothing and below nothing", label = "name", value = "value" }, ["name:text", "value:double"],
            [.. Enumerable.Range(1, 30).Select(number => new object?[] { number == 7 ? null : $"Share {number}", number == 3 ? -5 : number == 4 ? null : 100.0 / number })]),
        Widget("number", (0, 12, 4, 2), new { title = "Nothing" }, ["value:double"], [[null]]),
        Widget("number", (4, 12, 4, 2), new { title = "Far too long for its place", unit = "requests a second" }, ["value:double"], [[123456789012.345]]),
        Widget("table", (8, 12, 8, 5), new { title = "Ελληνικά, кириллица, “quotes” – and =SUM(1)" }, ["text:text", "raw:json"],
            [["Ζήτω η Ελλάδα", new { a = 1 }], ["Привет, мир", new[] { 1, 2 }], ["=cmd|' /C calc'!A0", null], ["a\nb\tc", true]]),
        new WidgetPicture("line", Json(new { title = "The query failed" }), new GridPlace(16, 12, 8, 5), null, "The source refused the password."),
        Widget("scatter", (0, 14, 8, 3), new { title = "A column that is gone", x = "weight" }, ["height:double"], [[1]]),
        Widget("bar", (0, 40, 24, 6), new { title = "All values are equal, far below zero" }, ["name:text", "value:double"], [["a", -3e9], ["b", -3e9]]),
    ]);

    public static WidgetPicture LongTable => Widget("table", (0, 0, 12, 6), new { title = "Orders", unit = "€", decimals = 2 },
        ["order:text", "customer:text", "placed:timestamptz", "paid:boolean", "total:decimal"],
        [.. Enumerable.Range(0, 150).SelectMany(_ => Orders())]);

    public static WidgetPicture Widget(string type, (int X, int Y, int Width, int Height) place, object config, string[]? columns = null, object?[][]? rows = null) =>
        new(type, Json(config), new GridPlace(place.X, place.Y, place.Width, place.Height),
            columns is null ? null : new QueryResult(
                [.. columns.Select(column => new ResultColumn(column.Split(':')[0], column.Split(':')[1]))],
                Json(rows!), rows!.Length, false, 1, AsOf, "hash"),
            null);

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);

    private static object?[][] Months() => [.. Enumerable.Range(0, 24).SelectMany(month => new[] { "North", "South", "West" }.Select((region, index) => new object?[]
    {
        new DateOnly(2025, 1, 1).AddMonths(month).ToString("yyyy-MM-dd"), region, 40_000 + 900 * month * (index + 1) + 9_000 * Math.Sin(month / 2.0 + index),
    }))];

    private static object?[][] Days() => [.. Enumerable.Range(0, 60).Select(day => new object?[]
    {
        new DateOnly(2026, 9, 28).AddDays(day).ToString("yyyy-MM-dd"), 900 + day * 6 + day % 7 * 70, 120 + day * 2 + day % 7 * 18,
    })];

    private static object?[][] Points() => [.. Enumerable.Range(0, 120).Select(number => new object?[]
    {
        number * 37 % 101, Math.Round(5 + number * 37 % 101 * 0.18 + number * 53 % 17 * 0.9, 2),
    })];

    private static object?[][] Orders() => [.. Enumerable.Range(0, 20).Select(number => new object?[]
    {
        $"SO-{20400 + number}", new[] { "Acme Corporation", "Globex", "Initech", "Umbrella Health Systems of North America", "Stark Industries" }[number % 5],
        $"2026-11-{26 - number % 20:00}T{number % 24:00}:15:00Z", number % 3 != 0, (number * 1234.56 + 17.9).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture),
    })];
}
