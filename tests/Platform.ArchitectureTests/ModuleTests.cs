using System.Reflection;
using System.Xml.Linq;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Host;
using Platform.SharedKernel.Events;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.ArchitectureTests;

public sealed class ModuleTests
{
    [Test]
    public void A_module_exports_its_module_class_alone() =>
        Assert.That(
            Sources.Modules.SelectMany(module => module.GetExportedTypes()).Where(type => !typeof(IModule).IsAssignableFrom(type)), Is.Empty);

    [Test]
    public void A_modules_name_is_its_schemas()
    {
        foreach (var module in ModuleCatalog.Modules)
        {
            Assert.That($"Platform.{module.Name}", Is.EqualTo(module.GetType().Assembly.GetName().Name).IgnoreCase);
        }
    }

    [Test]
    public void Contracts_hold_records_and_enums_alone()
    {
        var types = Sources.Contracts.SelectMany(contracts => contracts.GetExportedTypes()).ToList();

        Assert.That(types, Is.Not.Empty);
        Assert.That(types.Where(type => !type.IsEnum && !IsRecord(type)), Is.Empty);
    }

    [Test]
    public void Projects_refer_to_what_the_tree_allows() =>
        Assert.Multiple(() =>
        {
            foreach (var project in Sources.Files("src/Modules", "*.csproj"))
            {
                var name = Path.GetFileNameWithoutExtension(project);
                var references = XDocument.Load(project).Descendants("ProjectReference")
                    .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
                    .ToList();
                var allowed = name.EndsWith(".Contracts", StringComparison.Ordinal)
                    ? references.Where(reference => reference == "Platform.SharedKernel")
                    : references.Where(reference => reference is "Platform.SharedKernel" or "Platform.SharedKernel.Infrastructure"
                        || reference.EndsWith(".Contracts", StringComparison.Ordinal));
                Assert.That(references.Except(allowed), Is.Empty, name);
            }
        });

    [Test]
    public void Assemblies_know_no_other_module_but_its_contracts()
    {
        var names = Sources.Modules.Select(module => module.GetName().Name).ToHashSet();

        Assert.That(
            Sources.Modules.Concat(Sources.Contracts).SelectMany(assembly => assembly.GetReferencedAssemblies()
                .Where(reference => names.Contains(reference.Name)).Select(reference => $"{assembly.GetName().Name} knows {reference.Name}")),
            Is.Empty);
    }

    [Test]
    public void The_embedded_supabase_is_known_to_the_host_alone() =>
        Assert.That(
            Sources.Files("src", "*.csproj").Where(project => Path.GetFileName(project) != "Platform.Host.csproj")
                .Where(project => File.ReadAllText(project).Contains("Platform.LocalSupabase.csproj", StringComparison.Ordinal)),
            Is.Empty);

    [Test]
    public void Nothing_that_is_registered_escapes_the_look_at_metadata() =>
        Assert.Multiple(() =>
        {
            foreach (var assembly in Sources.Modules.Concat(Sources.Contracts))
            {
                var byReflection = assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && IsRegistered(type));
                Assert.That(ModuleTypes.Of(assembly).Where(IsRegistered), Is.EquivalentTo(byReflection), assembly.GetName().Name);
            }
        });

    private static bool IsRegistered(Type type) =>
        type.IsAssignableTo(typeof(IntegrationEvent)) || type.GetInterfaces().Any(contract => contract.IsGenericType
            && (contract.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)
                || contract.GetGenericTypeDefinition() == typeof(INotificationHandler<>)
                || contract.GetGenericTypeDefinition() == typeof(IValidator<>)
                || contract.GetGenericTypeDefinition() == typeof(IEntityTypeConfiguration<>)));

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public) is not null;
}
