using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Rest.Queries;

/// <summary>One term of <c>order</c>.</summary>
internal sealed record OrderTerm(Field Field, bool Descending, bool? NullsFirst);

/// <summary>What is asked of a table, and of those embedded in it.</summary>
internal sealed class Query
{
    private static readonly string[] Reserved = ["columns", "on_conflict"];

    public IReadOnlyList<SelectItem> Select { get; private set; } = [SelectItem.All];

    public List<Condition> Where { get; } = [];

    public IReadOnlyList<OrderTerm> Order { get; private set; } = [];

    public long? Limit { get; private set; }

    public long Offset { get; private set; }

    /// <summary>By the name of the embedded table in the answer.</summary>
    public Dictionary<string, Query> Embedded { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the parameters. For a function called by GET some are its arguments, which are not looked at here.</summary>
    public static Query Parse(IQueryCollection parameters, ISet<string>? arguments = null)
    {
        var query = new Query { Select = SelectItem.Parse(parameters["select"]) };
        query.Describe(query.Select);
        foreach (var (name, values) in parameters)
        {
            if (name != "select" && !Reserved.Contains(name) && name != "apikey" && arguments?.Contains(name) != true)
            {
                foreach (var value in values)
                {
                    query.Read(name, value ?? "");
                }
            }
        }

        return query;
    }

    /// <summary>The Range header counts where no limit or offset is given.</summary>
    public void ApplyRange(string range)
    {
        var ends = range.Replace("items=", "", StringComparison.Ordinal).Split('-');
        if (Limit is not null || Offset != 0 || ends.Length != 2 || !long.TryParse(ends[0], CultureInfo.InvariantCulture, out var from))
        {
            return;
        }

        Offset = from;
        if (long.TryParse(ends[1], CultureInfo.InvariantCulture, out var to))
        {
            Limit = to >= from ? to - from + 1 : throw new RestException(
                416, "PGRST103", "Requested range not satisfiable",
                "The lower boundary must be lower than or equal to the upper boundary in the Range header.");
        }
    }

    private void Describe(IReadOnlyList<SelectItem> items)
    {
        Select = items;
        foreach (var item in items.Where(item => item.Relation is not null))
        {
            var inner = new Query();
            inner.Describe(item.Items);
            Embedded[item.Alias ?? item.Relation!] = inner;
        }
    }

    private void Read(string name, string value)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && Embedded.TryGetValue(name[..dot], out var embedded))
        {
            embedded.Read(name[(dot + 1)..], value);
            return;
        }

        switch (name)
        {
            case "order":
                Order = ReadOrder(value);
                break;
            case "limit":
                Limit = ReadNumber(name, value);
                break;
            case "offset":
                Offset = ReadNumber(name, value);
                break;
            case "and" or "or" or "not.and" or "not.or":
                Where.Add(Condition.ParseLogic(
                    name.EndsWith("or", StringComparison.Ordinal), name.StartsWith("not.", StringComparison.Ordinal), value));
                break;
            default:
                Where.Add(Condition.ParseComparison(name, value));
                break;
        }
    }

    private static long ReadNumber(string name, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw RestException.Unparsable($"{name} parameter ({value})", "expected a whole number");

    private static List<OrderTerm> ReadOrder(string value)
    {
        var text = new QueryText("order", value);
        var terms = new List<OrderTerm>();
        do
        {
            var field = Field.Read(text, ".,(");
            var (descending, nullsFirst) = (false, (bool?)null);
            while (text.Take("."))
            {
                switch (text.Name(".,("))
                {
                    case "asc":
                        break;
                    case "desc":
                        descending = true;
                        break;
                    case "nullsfirst":
                        nullsFirst = true;
                        break;
                    case "nullslast":
                        nullsFirst = false;
                        break;
                    default:
                        throw text.Fail("expected asc, desc, nullsfirst or nullslast");
                }
            }

            terms.Add(new OrderTerm(field, descending, nullsFirst));
        }
        while (text.Take(","));
        return text.AtEnd ? terms : throw text.Fail("unexpected text");
    }
}
