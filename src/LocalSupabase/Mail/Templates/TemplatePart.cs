using System.Text;
using System.Text.Json.Nodes;

namespace Platform.LocalSupabase.Mail.Templates;

/// <summary>A piece of a template: text, a value, or a condition with what it decides about.</summary>
internal abstract record TemplatePart
{
    public abstract void AppendTo(StringBuilder filled, JsonObject variables, Func<string, string> encode);

    public sealed record Text(string Content) : TemplatePart
    {
        public override void AppendTo(StringBuilder filled, JsonObject variables, Func<string, string> encode) => filled.Append(Content);
    }

    public sealed record Value(TemplateExpression Expression) : TemplatePart
    {
        public override void AppendTo(StringBuilder filled, JsonObject variables, Func<string, string> encode) =>
            filled.Append(encode(Expression.TextOf(variables)));
    }

    public sealed record Branch(IReadOnlyList<Arm> Arms) : TemplatePart
    {
        public override void AppendTo(StringBuilder filled, JsonObject variables, Func<string, string> encode)
        {
            var chosen = Arms.FirstOrDefault(arm => arm.Condition is null || arm.Condition.IsTrue(variables));
            foreach (var part in chosen?.Parts ?? [])
            {
                part.AppendTo(filled, variables, encode);
            }
        }
    }

    /// <summary>One way of a branch; without a condition it is taken in any case.</summary>
    public sealed record Arm(TemplateExpression? Condition, IReadOnlyList<TemplatePart> Parts);
}
