using System.Text.Json;
using Platform.Chat.Tools;

namespace Platform.Chat.Providers;

/// <summary>What a line asks for: a tool with its arguments, or words.</summary>
internal sealed record OfflineReply(string? Text, string? Tool = null, IReadOnlyDictionary<string, object?>? Arguments = null);

/// <summary>
/// The commands that the offline model understands. A name or column with spaces stands in double quotes where more than one follow each
/// other; keywords are read in any case.
/// </summary>
internal static class OfflineGrammar
{
    private const string ChartForm = "chart <widget type> <x column> <y column>";
    private const string PinForm = "pin <artifact name> to <dashboard name>";
    private const string QueryForm = "query <connector name>: <sql>";
    private const string RunForm = "run <workflow name> [json input]";
    private const string SaveForm = "save <artifact name>";
    private const string TablesForm = "tables <connector name>";

    public const string Commands =
        $"""
        | command | what it does |
        |---|---|
        | `help` | shows this list |
        | `connectors` | lists your connectors |
        | `{TablesForm}` | lists the tables of a connector |
        | `{QueryForm}` | runs a query that reads |
        | `{ChartForm}` | makes a chart of the last result in this session |
        | `{SaveForm}` | keeps the last result as a table |
        | `{PinForm}` | puts an artifact on a dashboard |
        | `{RunForm}` | starts a workflow, once you have approved it |
        """;

    public static OfflineReply Read(string line)
    {
        var text = line.Trim();
        var space = text.AsSpan().IndexOfAny(' ', '\t', '\n');
        var keyword = (space < 0 ? text : text[..space]).ToUpperInvariant();
        var rest = space < 0 ? "" : text[(space + 1)..].Trim();
        return (keyword, rest) switch
        {
            ("HELP", "") => new OfflineReply($"These are the commands:\n\n{Commands}"),
            ("CONNECTORS", "") => Call(ListConnectorsTool.ToolName, []),
            ("TABLES", _) => rest.Length == 0
                ? Form(TablesForm) : Call(DescribeConnectorTool.ToolName, new() { ["connector"] = Unquote(rest) }),
            ("QUERY", _) => Query(rest),
            ("CHART", _) => Chart(rest),
            ("SAVE", _) => rest.Length == 0 ? Form(SaveForm) : Call(SaveTableTool.ToolName, new() { ["name"] = Unquote(rest) }),
            ("PIN", _) => Pin(rest),
            ("RUN", _) => Run(rest),
            _ => new OfflineReply($"No model is configured, so only these commands are understood:\n\n{Commands}"),
        };
    }

    private static OfflineReply Query(string rest)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var (connector, sql) = colon < 0 ? ("", "") : (Unquote(rest[..colon].Trim()), rest[(colon + 1)..].Trim());
        return connector.Length == 0 || sql.Length == 0
            ? Form(QueryForm)
            : Call(RunQueryTool.ToolName, new() { ["connector"] = connector, ["sql"] = sql });
    }

    private static OfflineReply Chart(string rest) =>
        Words(rest) is [var type, var x, var y]
            ? Call(CreateChartTool.ToolName, new() { ["type"] = type, ["x"] = x, ["y"] = y })
            : Form(ChartForm);

    // The last "to" divides: artifacts are named by hand more often than dashboards hold a "to".
    private static OfflineReply Pin(string rest)
    {
        var divider = rest.LastIndexOf(" to ", StringComparison.OrdinalIgnoreCase);
        var (artifact, dashboard) = divider < 0 ? ("", "") : (Unquote(rest[..divider].Trim()), Unquote(rest[(divider + 4)..].Trim()));
        return artifact.Length == 0 || dashboard.Length == 0
            ? Form(PinForm)
            : Call(PinArtifactTool.ToolName, new() { ["artifact"] = artifact, ["dashboard"] = dashboard });
    }

    private static OfflineReply Run(string rest)
    {
        var brace = rest.IndexOf('{', StringComparison.Ordinal);
        var workflow = Unquote((brace < 0 ? rest : rest[..brace]).Trim());
        if (workflow.Length == 0)
        {
            return Form(RunForm);
        }

        if (brace < 0)
        {
            return Call(RunWorkflowTool.ToolName, new() { ["workflow"] = workflow });
        }

        try
        {
            using var input = JsonDocument.Parse(rest[brace..]);
            return Call(RunWorkflowTool.ToolName, new() { ["workflow"] = workflow, ["input"] = input.RootElement.Clone() });
        }
        catch (JsonException)
        {
            return new OfflineReply("The input is not well-formed JSON.");
        }
    }

    private static OfflineReply Call(string tool, Dictionary<string, object?> arguments) => new(null, tool, arguments);

    private static OfflineReply Form(string form) => new($"Write it like this: `{form}`");

    private static string Unquote(string text) => text is ['"', .. var inner, '"'] ? inner : text;

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        for (var rest = text.Trim(); rest.Length > 0; rest = rest.TrimStart())
        {
            var quoted = rest[0] == '"' && rest.IndexOf('"', 1) > 0;
            var end = quoted ? rest.IndexOf('"', 1) + 1 : rest.AsSpan().IndexOfAny(' ', '\t', '\n');
            end = end < 0 ? rest.Length : end;
            words.Add(Unquote(rest[..end]));
            rest = rest[end..];
        }

        return words;
    }
}
