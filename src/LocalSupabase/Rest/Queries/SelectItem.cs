namespace Platform.LocalSupabase.Rest.Queries;

/// <summary>A column, perhaps a path into its JSON: <c>data->a->>b</c>.</summary>
internal sealed record Field(string Column, IReadOnlyList<(bool AsText, string Key)> Path)
{
    /// <summary>What it is called in the answer when no alias is given: the last key.</summary>
    public string Name => Path.Count > 0 ? Path[^1].Key : Column;

    public static Field Read(QueryText text, string stops)
    {
        var column = ReadName(text, stops);
        var path = new List<(bool, string)>();
        while (text.Take("->"))
        {
            path.Add((text.Take(">"), ReadName(text, stops)));
        }

        return new Field(column, path);
    }

    // A minus may stand in a name, but not before a greater-than sign.
    private static string ReadName(QueryText text, string stops) => text.Name(stops + "-") is var name && text.Next == '-' && !text.At("->")
        ? name + text.Take1() + ReadRest(text, stops)
        : name;

    private static string ReadRest(QueryText text, string stops)
    {
        var rest = text.Word(stops + "-");
        return text.Next == '-' && !text.At("->") ? rest + text.Take1() + ReadRest(text, stops) : rest;
    }
}

/// <summary>One entry of <c>select</c>: all columns, a field, or rows of a related table.</summary>
internal sealed record SelectItem(
    string? Alias, Field? Field, string? Cast, string? Relation, string? Hint, bool Inner, IReadOnlyList<SelectItem> Items)
{
    private const int MostItems = 500;

    public static SelectItem All { get; } = new(null, new Field("*", []), null, null, null, false, []);

    public static IReadOnlyList<SelectItem> Parse(string? select)
    {
        if (string.IsNullOrEmpty(select))
        {
            return [All];
        }

        var text = new QueryText("select", select);
        var items = ReadList(text);
        return text.AtEnd ? items : throw text.Fail("unexpected text");
    }

    private static List<SelectItem> ReadList(QueryText text)
    {
        text.Enter();
        var items = new List<SelectItem>();
        do
        {
            items.Add(ReadOne(text));
        }
        while (text.Take(",") && (items.Count < MostItems ? true : throw text.Fail("it names too many columns")));
        text.Leave();
        return items;
    }

    private static SelectItem ReadOne(QueryText text)
    {
        if (text.Take("*"))
        {
            return All;
        }

        string? alias = null;
        var field = Field.Read(text, ",():!");
        if (text.Next == ':' && !text.At("::"))
        {
            text.Expect(":");
            alias = field.Path.Count == 0 ? field.Column : throw text.Fail("an alias is no path");
            field = Field.Read(text, ",():!");
        }

        var (hint, inner) = ReadHints(text);
        if (text.Take("("))
        {
            var items = text.Next == ')' ? [] : ReadList(text);
            text.Expect(")");
            return new SelectItem(alias, null, null, field.Column, hint, inner, items);
        }

        var cast = text.Take("::") ? text.Name(",()") : null;
        return hint is null && !inner ? new SelectItem(alias, field, cast, null, null, false, []) : throw text.Fail("expected \"(\"");
    }

    private static (string? Hint, bool Inner) ReadHints(QueryText text)
    {
        var (hint, inner) = ((string?)null, false);
        while (text.Take("!"))
        {
            var word = text.Name(",():!");
            (hint, inner) = word switch
            {
                "inner" => (hint, true),
                "left" => (hint, inner),
                _ => (word, inner),
            };
        }

        return (hint, inner);
    }
}
