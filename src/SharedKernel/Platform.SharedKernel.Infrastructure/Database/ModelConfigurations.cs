using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>The entity configurations of a module's assembly.</summary>
internal static class ModelConfigurations
{
    private static readonly MethodInfo ApplyMethod =
        typeof(ModelBuilder).GetMethods().Single(method => method.Name == nameof(ModelBuilder.ApplyConfiguration));

    public static void ApplyConfigurationsOf(this ModelBuilder modelBuilder, Assembly assembly)
    {
        foreach (var (contract, type) in ModuleTypes.Implementing(typeof(IEntityTypeConfiguration<>), assembly))
        {
            ApplyMethod.MakeGenericMethod(contract.GetGenericArguments())
                .Invoke(modelBuilder, [Activator.CreateInstance(type, nonPublic: true)]);
        }
    }
}
