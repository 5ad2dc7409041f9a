using System.Reflection;
using System.Text.RegularExpressions;
using Platform.Host;
using Platform.LocalSupabase;
using Platform.SharedKernel.Events;
using Platform.SharedKernel.Infrastructure;

namespace Platform.ArchitectureTests;

/// <summary>Codes, events and settings stand in their documents, and nothing else does.</summary>
public sealed partial class DocumentTests
{
    [Test]
    public void Every_error_code_is_documented_and_no_other()
    {
        var folders = new[] { "src/Modules", "src/SharedKernel", "src/Host" };
        var inCode = folders.SelectMany(folder => Sources.Files(folder)).Select(File.ReadAllText)
            .SelectMany(text => Thrown().Matches(text).Concat(Guarded().Matches(text)).Concat(Written().Matches(text)));
        var inDatabase = Sources.Files("migrations", "*.sql").Where(file => !file.Contains("/_supabase/", StringComparison.Ordinal))
            .SelectMany(file => Unique().Matches(File.ReadAllText(file)));
        var codes = inCode.Concat(inDatabase).Select(match => match.Groups["code"].Value).Distinct().ToList();

        Assert.That(codes, Has.Count.GreaterThan(50));
        Assert.That(Sources.FirstColumn("errors.md"), Is.EquivalentTo(codes));
    }

    [Test]
    public void Every_event_has_a_name_of_its_own_that_is_documented()
    {
        var events = Sources.Contracts.Concat(Sources.Modules)
            .SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(IntegrationEvent))).ToList();
        var names = events.Select(type => type.GetCustomAttribute<EventNameAttribute>()?.Name).ToList();

        Assert.That(names, Is.Not.Empty.And.Not.Contains(null).And.Unique);
        Assert.That(names, Is.SubsetOf(Sources.FirstColumn("events.md")));
    }

    [Test]
    public void Every_setting_is_documented_and_no_other()
    {
        var settings = Sources.Modules
            .Concat([typeof(ModuleCatalog).Assembly, typeof(KernelServices).Assembly, typeof(LocalSupabaseOptions).Assembly])
            .SelectMany(assembly => assembly.GetTypes())
            .Select(type => (Type: type, Section: type.GetField("SectionName")?.GetRawConstantValue() as string))
            .Where(options => options.Section is not null)
            .SelectMany(options => options.Type.GetProperties()
                .Where(property => property.CanWrite && property.PropertyType.GetField("SectionName") is null)     // a section of its own
                .Select(property => $"{options.Section}:{property.Name}"));

        Assert.That(Sources.FirstColumn("configuration.md"), Is.EquivalentTo(settings));
    }

    [GeneratedRegex("""new (NotFound|Conflict|PreconditionFailed|RuleViolation|Forbidden|Unauthenticated)Exception\(\s*"(?<code>[a-z_]+)["]""")]
    private static partial Regex Thrown();

    [GeneratedRegex("""RuleViolationException\.ThrowIf\([^;"]*"(?<code>[a-z_]+)["]""")]
    private static partial Regex Guarded();

    [GeneratedRegex("""new(?: Problem)?\((\d{3}|StatusCodes\.\w+|status), "(?<code>[a-z_]+)["]""")]
    private static partial Regex Written();

    // A key that begins with the id cannot be broken by a client.
    [GeneratedRegex(@"constraint (?<code>\w+) unique(?! \(id,)|unique index (?<code>\w+)")]
    private static partial Regex Unique();
}
